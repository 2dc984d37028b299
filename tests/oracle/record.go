package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// How often a case is expanded. What is said to be random must show it: Go starts a small map at the second of two
// keys once in eight times.
const (
	repeatsOfStable = 4
	repeatsOfRandom = 400
)

// recordCommand writes the answers to files of cases, each beside its file, or compares them with what stands there.
func recordCommand(options *options, paths []string, output io.Writer) error {
	differing := false
	for _, path := range paths {
		fresh, err := answersTo(options, path)
		if err != nil {
			return err
		}
		file := strings.TrimSuffix(path, filepath.Ext(path)) + ".json"
		if !options.check {
			if err := os.WriteFile(file, fresh, 0o644); err != nil {
				return err
			}
			continue
		}
		recorded, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if !bytes.Equal(fresh, recorded) {
			differing = true
			printDifference(output, file, recorded, fresh)
		}
	}
	if differing {
		return errRejected
	}
	return nil
}

func printDifference(output io.Writer, file string, recorded, fresh []byte) {
	fmt.Fprintln(output, file)
	was, is := strings.Split(string(recorded), "\n"), strings.Split(string(fresh), "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			fmt.Fprintln(output, "-", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			fmt.Fprintln(output, "+", line)
		}
	}
}

// answersTo expands the cases one after the other, since slugify keeps its settings in variables of its package, and
// validates them side by side, since each validation waits for informers.
func answersTo(options *options, path string) ([]byte, error) {
	cases, err := readCases(path)
	if err != nil {
		return nil, err
	}
	answers, failures := make([][]expansion, len(cases)), make([]error, len(cases))
	var validations sync.WaitGroup
	for index := range cases {
		of := &cases[index]
		world, expanded, err := of.expand(options)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, of.name, err)
		}
		answers[index] = expanded
		if of.Fill == nil {
			validations.Go(func() { failures[index] = validate(world, expanded) })
		}
	}
	validations.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return printAnswers(cases, answers)
}

func (from *recordedCase) expand(base *options) (*world, []expansion, error) {
	world := &world{namespace: base.namespace}
	documents, err := from.documents()
	for _, document := range documents {
		err = errors.Join(err, world.addStream(from.name, []byte(document)))
	}
	if err != nil {
		return nil, nil, err
	}
	chosen := *base
	chosen.repeat, chosen.untilRandom, chosen.validate = repeatsOfStable, true, false
	if from.Random {
		chosen.repeat = repeatsOfRandom
	}
	checkout, err := from.checkout()
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(checkout)
	chosen.checkouts = map[string]string{repositoryURL: checkout}
	answer, err := expand(world, &chosen)
	if err != nil {
		return nil, nil, err
	}
	anyRandom := slices.ContainsFunc(answer.Sets, func(expansion expansion) bool { return expansion.Unstable != nil })
	if anyRandom != from.Random {
		return nil, nil, fmt.Errorf("random: %v, and `random` says otherwise", anyRandom)
	}
	return world, answer.Sets, nil
}

func (from *recordedCase) checkout() (string, error) {
	folder, err := os.MkdirTemp("", "oracle-repository")
	if err != nil {
		return "", err
	}
	var files map[string]string
	if err := json.Unmarshal(from.Repository, &files); err != nil {
		return "", err
	}
	return folder, writeFiles(folder, files)
}

func writeFiles(folder string, files map[string]string) error {
	for name, content := range files {
		path := filepath.Join(folder, name)
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644))
		if err != nil {
			return err
		}
	}
	return nil
}

// answer is an expansion as it is recorded: the kinds and the name of the only set are left out.
type answer struct {
	Name              string            `json:"name,omitempty"`
	Error             *string           `json:"error,omitempty"`
	Random            bool              `json:"random,omitempty"`
	UnknownFields     []string          `json:"unknownFields,omitempty"`
	InvalidGenerators []string          `json:"invalidGenerators,omitempty"`
	Validation        map[string]string `json:"validation,omitempty"`
}

type answeredApplication struct {
	Metadata  metav1.ObjectMeta        `json:"metadata"`
	Spec      v1alpha1.ApplicationSpec `json:"spec"`
	Operation *v1alpha1.Operation      `json:"operation,omitempty"`
}

// printAnswers puts each Application, and what each text is filled to, on a line of its own: recordings are reviewed.
func printAnswers(cases []recordedCase, answers [][]expansion) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("{\n")
	for index, of := range cases {
		fmt.Fprintf(&text, " %s: [", line(of.name))
		for number, expansion := range answers[index] {
			if number > 0 {
				text.WriteString(",")
			}
			text.WriteString("\n  ")
			if of.Fill != nil {
				text.WriteString(line([]any{of.Fill[number], filled(expansion)}))
				continue
			}
			printAnswer(&text, expansion)
		}
		text.WriteString("\n ]")
		if index < len(cases)-1 {
			text.WriteString(",")
		}
		text.WriteString("\n")
	}
	text.WriteString("}\n")
	if !json.Valid(text.Bytes()) {
		return nil, errors.New("what is recorded is no JSON")
	}
	return text.Bytes(), nil
}

func printAnswer(text *bytes.Buffer, expansion expansion) {
	recorded := answer{
		Name: expansion.Name, Error: expansion.Error, Random: expansion.Unstable != nil, UnknownFields: expansion.UnknownFields,
		InvalidGenerators: expansion.InvalidGenerators, Validation: expansion.Validation,
	}
	if recorded.Random && len(expansion.Unstable.Errors) == expansion.Unstable.Outcomes {
		// It always fails; which reason it finds first is up to the order of a map.
		recorded.Random, recorded.Error = false, new("one of several errors")
	}
	if recorded.Random {
		recorded.Error, recorded.Validation = nil, nil
	}
	head := strings.TrimSuffix(line(recorded), "}")
	if recorded.Error != nil || recorded.Random {
		text.WriteString(head + "}")
		return
	}
	if head != "{" {
		head += ","
	}
	text.WriteString(head + `"applications":[`)
	for number, made := range expansion.Applications {
		if number > 0 {
			text.WriteString(",")
		}
		text.WriteString("\n   " + line(answeredApplication{made.Metadata, made.Spec, made.Operation}))
	}
	text.WriteString("\n  ]}")
}

// filled is the text, or an object where there is none.
func filled(expansion expansion) any {
	switch {
	case expansion.Unstable != nil:
		return map[string]bool{"random": true}
	case expansion.Error != nil:
		return map[string]string{"error": *expansion.Error}
	case len(expansion.Applications) != 1:
		return map[string]string{"error": fmt.Sprintf("oracle: %d Applications", len(expansion.Applications))}
	}
	return expansion.Applications[0].Metadata.Annotations["filled"]
}

func line(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic("what the controller made of JSON can be written as JSON: " + err.Error())
	}
	return strings.TrimSuffix(text.String(), "\n")
}
