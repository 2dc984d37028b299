package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	log "github.com/sirupsen/logrus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// application is a generated Application as the controller writes it; v1alpha1.Application would print an empty status.
type application struct {
	APIVersion string                   `json:"apiVersion"`
	Kind       string                   `json:"kind"`
	Metadata   metav1.ObjectMeta        `json:"metadata"`
	Spec       v1alpha1.ApplicationSpec `json:"spec"`
	Operation  *v1alpha1.Operation      `json:"operation,omitempty"`
}

// expansion is what one ApplicationSet comes to. Applications are sorted by name, equal names by content, and empty
// where there is an error: the controller changes nothing then.
type expansion struct {
	Name         string        `json:"name"`
	Namespace    string        `json:"namespace"`
	Error        *string       `json:"error"`
	Reason       string        `json:"reason,omitempty"`
	Applications []application `json:"applications"`
	// Validation maps `namespace/name` to what keeps that Application from being created, updated or deleted.
	Validation map[string]string `json:"validation,omitempty"`
	// UnknownFields is what the API server prunes.
	UnknownFields []string `json:"unknownFields,omitempty"`
	// InvalidGenerators is what the controller logs and passes over.
	InvalidGenerators []string `json:"invalidGenerators,omitempty"`
	// Unstable is set where repeated expansions of the same input differ.
	Unstable *instability `json:"unstable,omitempty"`
}

type instability struct {
	Outcomes int      `json:"outcomes"`
	Errors   []string `json:"errors,omitempty"`
}

type expansions struct {
	Sets []expansion `json:"applicationsets"`
}

func expandCommand(options *options, paths []string, output io.Writer) error {
	world, err := readWorld(options.namespace, paths)
	if err != nil {
		return err
	}
	answer, err := expand(world, options)
	if err != nil {
		return err
	}
	if err := printJSON(output, answer); err != nil {
		return err
	}
	if options.strict && slices.ContainsFunc(answer.Sets, expansion.isFaulty) {
		return errRejected
	}
	return nil
}

func (expansion expansion) isFaulty() bool {
	return expansion.Error != nil || len(expansion.Validation)+len(expansion.UnknownFields)+len(expansion.InvalidGenerators) > 0
}

// expand returns the expansions sorted by namespace and name.
func expand(world *world, options *options) (*expansions, error) {
	answer := &expansions{Sets: make([]expansion, 0, len(world.sets))}
	for _, set := range world.sets {
		answer.Sets = append(answer.Sets, expandRepeatedly(set, world, options))
	}
	if options.validate {
		if err := validate(world, answer.Sets); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(answer.Sets, func(left, right expansion) int {
		return cmp.Or(cmp.Compare(left.Namespace, right.Namespace), cmp.Compare(left.Name, right.Name))
	})
	return answer, nil
}

func expandRepeatedly(set applicationSet, world *world, options *options) expansion {
	first := expandOnce(set, &cache{world: world}, options)
	outcomes, errors := map[string]bool{printed(first): true}, map[string]bool{}
	for range options.repeat - 1 {
		if options.untilRandom && len(outcomes) > 1 {
			break
		}
		again := expandOnce(set, &cache{world: world, shuffled: true}, options)
		outcomes[printed(again)] = true
		if again.Error != nil {
			errors[*again.Error] = true
		}
	}
	if first.Error != nil {
		errors[*first.Error] = true
	}
	if len(outcomes) > 1 {
		first.Unstable = &instability{len(outcomes), slices.Sorted(maps.Keys(errors))}
	}
	return first
}

func printed(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("what the controller made of JSON can be written as JSON: " + err.Error())
	}
	return string(text)
}

// expandOnce calls the controller's own code. It panics on some inputs, as the controller itself does.
func expandOnce(from applicationSet, cache *cache, options *options) (result expansion) {
	set := from.set.DeepCopy()
	result = expansion{Name: set.Name, Namespace: set.Namespace, Applications: []application{}, UnknownFields: from.unknownFields}
	if from.refusal != "" {
		result.Error = &from.refusal
		return result
	}
	defer func() {
		if cause := recover(); cause != nil {
			result.fail(fmt.Sprintf("panic: %v", cause), "Panic")
		}
	}()
	if err := utils.CheckInvalidGenerators(set); err != nil {
		result.InvalidGenerators = []string{err.Error()}
	}
	entry := log.NewEntry(log.StandardLogger())
	generated, reason, err := template.GenerateApplications(entry, *set, newGenerators(cache, options), &utils.Render{}, cache)
	if err != nil {
		result.fail(err.Error(), string(reason))
		return result
	}
	for _, made := range generated {
		result.Applications = append(result.Applications, application{
			"argoproj.io/v1alpha1", "Application", made.ObjectMeta, made.Spec, made.Operation,
		})
	}
	sortApplications(result.Applications)
	return result
}

func (expansion *expansion) fail(message, reason string) {
	expansion.Error, expansion.Reason, expansion.Applications = &message, reason, []application{}
}

// sortApplications settles the order of equal names by content, since Argo CD leaves it to the order of a Go map.
func sortApplications(applications []application) {
	slices.SortStableFunc(applications, func(left, right application) int {
		if order := cmp.Compare(left.Metadata.Name, right.Metadata.Name); order != 0 {
			return order
		}
		return bytes.Compare([]byte(printed(left)), []byte(printed(right)))
	})
}
