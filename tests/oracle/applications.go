package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// recorded is one Application of a recording, with the management cluster whose Argo CD makes it.
type recorded struct {
	Management string                   `json:"management"`
	Metadata   metav1.ObjectMeta        `json:"metadata"`
	Spec       v1alpha1.ApplicationSpec `json:"spec"`
}

// applicationsCommand prints the Applications of several management clusters, each expanded by itself: a set never sees
// another cluster's Secrets.
func applicationsCommand(options *options, paths []string, output io.Writer) error {
	var all []recorded
	for _, path := range paths {
		management, folder, named := strings.Cut(path, "=")
		if !named {
			return fmt.Errorf("expected NAME=FOLDER, found %q", path)
		}
		applications, err := recordedOf(options, management, folder)
		if err != nil {
			return err
		}
		all = append(all, applications...)
	}
	slices.SortFunc(all, func(left, right recorded) int {
		return cmp.Or(cmp.Compare(left.Management, right.Management), cmp.Compare(left.Metadata.Name, right.Metadata.Name))
	})
	return printLines(output, all)
}

func recordedOf(options *options, management, folder string) ([]recorded, error) {
	world, err := readWorld(options.namespace, []string{folder})
	if err != nil {
		return nil, err
	}
	answer, err := expand(world, options)
	if err != nil {
		return nil, err
	}
	var applications []recorded
	for _, expansion := range answer.Sets {
		if expansion.isFaulty() {
			return nil, fmt.Errorf("%s: ApplicationSet %s: %s", folder, expansion.Name, printed(expansion.withoutApplications()))
		}
		for _, application := range expansion.Applications {
			applications = append(applications, recorded{management, application.Metadata, application.Spec})
		}
	}
	return applications, nil
}

func (expansion expansion) withoutApplications() expansion {
	expansion.Applications = nil
	return expansion
}

// printLines puts each element on a line of its own: a recording is reviewed line by line.
func printLines[Element any](output io.Writer, elements []Element) error {
	lines := make([][]byte, 0, len(elements))
	for _, element := range elements {
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(element); err != nil {
			return err
		}
		lines = append(lines, bytes.TrimSuffix(line.Bytes(), []byte("\n")))
	}
	_, err := fmt.Fprintf(output, "[\n%s\n]\n", bytes.Join(lines, []byte(",\n")))
	return err
}
