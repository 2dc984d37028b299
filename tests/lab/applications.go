package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// expectedApplications returns the recorded specs of one management cluster by name.
func expectedApplications(file, management string) (map[string]map[string]any, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var recorded []struct {
		Management string
		Metadata   struct{ Name string }
		Spec       map[string]any
	}
	if err := json.Unmarshal(content, &recorded); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	expected := map[string]map[string]any{}
	for _, application := range recorded {
		if application.Management == management {
			expected[application.Metadata.Name] = application.Spec
		}
	}
	return expected, nil
}

// watchApplications waits until the controller has made exactly the recorded Applications. Those that the tree itself
// declares belong to nobody and are passed over.
func (server *server) watchApplications(ctx context.Context, chosen settings, result *applied) error {
	if chosen.expected == "" {
		fmt.Println("no recorded Applications to compare with")
		return nil
	}
	expected, err := expectedApplications(chosen.expected, chosen.management)
	if err != nil {
		return err
	}
	var found map[string]*unstructured.Unstructured
	waited := server.await(ctx, chosen.patience, func() error {
		if found, err = server.madeApplications(ctx, chosen.namespace); err != nil {
			return err
		}
		return sameNames(expected, found)
	})
	if waited != nil {
		result.problems = append(result.problems, "Applications: "+waited.Error())
		result.problems = append(result.problems, server.setErrors(ctx, chosen.namespace)...)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		for _, difference := range specDifferences(expected[name], found[name]) {
			result.problems = append(result.problems, "Application "+name+": "+difference)
		}
	}
	result.problems = append(result.problems, server.setErrors(ctx, chosen.namespace)...)
	fmt.Printf("%d Applications made, as recorded\n", len(found))
	return nil
}

func argoResource(name string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: name}
}

func (server *server) madeApplications(ctx context.Context, namespace string) (map[string]*unstructured.Unstructured, error) {
	list, err := server.dynamic.Resource(argoResource("applications")).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	made := map[string]*unstructured.Unstructured{}
	for index := range list.Items {
		if application := &list.Items[index]; metav1.GetControllerOf(application) != nil {
			made[application.GetName()] = application
		}
	}
	return made, nil
}

func sameNames(expected map[string]map[string]any, found map[string]*unstructured.Unstructured) error {
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		if found[name] == nil {
			return fmt.Errorf("%d of %d are made, %s is not", len(found), len(expected), name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if expected[name] == nil {
			return fmt.Errorf("%s is made and not recorded", name)
		}
	}
	return nil
}

// specDifferences compares what says where an Application comes from and goes to. The rest passes through the CRD's
// defaults and the controller's own tidying, so equal meaning may be written differently there.
func specDifferences(expected map[string]any, found *unstructured.Unstructured) []string {
	var differences []string
	spec, _ := found.Object["spec"].(map[string]any)
	for _, field := range []string{"project", "destination", "source", "sources"} {
		if !reflect.DeepEqual(expected[field], spec[field]) {
			differences = append(differences, fmt.Sprintf("%s is %v, recorded %v", field, spec[field], expected[field]))
		}
	}
	return differences
}

// setErrors are the conditions with which the controller complains about a set.
func (server *server) setErrors(ctx context.Context, namespace string) []string {
	list, err := server.dynamic.Resource(argoResource("applicationsets")).Namespace(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return []string{"ApplicationSets: " + err.Error()}
	}
	var complaints []string
	for _, set := range list.Items {
		conditions, _, _ := unstructured.NestedSlice(set.Object, "status", "conditions")
		for _, condition := range conditions {
			fields, _ := condition.(map[string]any)
			if fields["type"] == "ErrorOccurred" && fields["status"] == "True" {
				complaints = append(complaints, fmt.Sprintf("ApplicationSet %s: %v", set.GetName(), fields["message"]))
			}
		}
	}
	return complaints
}
