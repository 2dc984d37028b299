package main

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// manager is the name under which Argo CD applies.
const manager = "argocd-controller"

// applied is what came of applying groups of objects.
type applied struct {
	objects  int
	unserved map[string]int
	problems []string
}

func applyCommand(ctx context.Context, chosen settings, tree string) error {
	groups, err := readTree(tree)
	if err != nil {
		return err
	}
	server, err := startServer(ctx, chosen)
	defer server.stop()
	if err != nil {
		return err
	}
	if err := server.installDefinitions(ctx, chosen.definitions); err != nil {
		return err
	}
	result := &applied{unserved: map[string]int{}}
	for _, group := range groups {
		first, err := server.applyGroup(ctx, chosen, group, result)
		if err != nil {
			return err
		}
		if err := server.applyAgain(ctx, group, first, result); err != nil {
			return err
		}
	}
	fmt.Printf("%s; a second apply changed nothing else\n", result.summary())
	return result.verdict()
}

func (result *applied) summary() string {
	text := fmt.Sprintf("%d objects applied", result.objects)
	for _, kind := range slices.Sorted(maps.Keys(result.unserved)) {
		text += fmt.Sprintf(", %d %s not applied: no CRD here", result.unserved[kind], kind)
	}
	return text
}

func (result *applied) verdict() error {
	for _, problem := range result.problems {
		fmt.Println(problem)
	}
	if len(result.problems) > 0 {
		fmt.Printf("%d problems\n", len(result.problems))
		return errRejected
	}
	return nil
}

func (result *applied) complain(object object, format string, values ...any) {
	result.problems = append(result.problems, object.String()+": "+fmt.Sprintf(format, values...))
}

func (chosen settings) isUnserved(object object) bool {
	id := object.GroupVersionKind()
	return slices.ContainsFunc(chosen.unserved, func(pattern string) bool {
		matches, _ := path.Match(pattern, id.Group+"/"+id.Kind)
		return matches
	})
}

// applyGroup returns the resource version of each applied object.
func (server *server) applyGroup(ctx context.Context, chosen settings, group group, result *applied) (map[*unstructured.Unstructured]string, error) {
	versions := map[*unstructured.Unstructured]string{}
	for _, object := range group.objects {
		if chosen.isUnserved(object) {
			result.unserved[object.GetAPIVersion()+" "+object.GetKind()]++
			continue
		}
		if err := server.ensureNamespace(ctx, object.GetNamespace()); err != nil {
			return nil, err
		}
		stored, err := server.apply(ctx, object.Unstructured)
		if err != nil {
			result.complain(object, "%s", strings.Join(strings.Fields(err.Error()), " "))
			continue
		}
		result.objects++
		versions[object.Unstructured] = stored.GetResourceVersion()
		if object.GetKind() == "CustomResourceDefinition" {
			server.mapper.Reset()
		}
	}
	return versions, server.settle(ctx, versions)
}

// settle waits until CRDs are served, and takes their versions again: the server itself writes their status.
func (server *server) settle(ctx context.Context, versions map[*unstructured.Unstructured]string) error {
	isAwaited := false
	for object := range versions {
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		if !isAwaited {
			if err := server.awaitDefinitions(ctx); err != nil {
				return err
			}
			isAwaited = true
		}
		stored, err := server.dynamic.Resource(definitionResource).Get(ctx, object.GetName(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		versions[object] = stored.GetResourceVersion()
	}
	return nil
}

func (server *server) applyAgain(ctx context.Context, group group, first map[*unstructured.Unstructured]string, result *applied) error {
	for _, object := range group.objects {
		before, wasApplied := first[object.Unstructured]
		if !wasApplied {
			continue
		}
		stored, err := server.apply(ctx, object.Unstructured)
		if err != nil {
			return fmt.Errorf("%s: %w", object, err)
		}
		if after := stored.GetResourceVersion(); after != before {
			result.complain(object, "a second apply changed it from resource version %s to %s", before, after)
		}
	}
	return nil
}

// ensureNamespace makes a namespace that is declared elsewhere: Argo CD's own, or that of a workload cluster.
func (server *server) ensureNamespace(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	_, err := server.clientset.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		return nil
	}
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
	_, err = server.apply(ctx, namespace)
	return err
}

// apply is a server-side apply as Argo CD does it, strict about unknown fields.
func (server *server) apply(ctx context.Context, object *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	client, err := server.clientFor(object)
	if err != nil {
		return nil, err
	}
	body, err := object.MarshalJSON()
	if err != nil {
		return nil, err
	}
	force := true
	options := metav1.PatchOptions{FieldManager: manager, Force: &force, FieldValidation: metav1.FieldValidationStrict}
	return client.Patch(ctx, object.GetName(), types.ApplyPatchType, body, options)
}

func (server *server) clientFor(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	id := object.GroupVersionKind()
	mapping, err := server.mapper.RESTMapping(id.GroupKind(), id.Version)
	if err != nil {
		return nil, err
	}
	resource := server.dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return resource, nil
	}
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = metav1.NamespaceDefault
	}
	return resource.Namespace(namespace), nil
}
