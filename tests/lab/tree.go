package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kubernetesyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// object is one document of a file.
type object struct {
	file string
	*unstructured.Unstructured
}

func (object object) String() string {
	return fmt.Sprintf("%s: %s/%s", object.file, object.GetKind(), object.GetName())
}

// group is what goes to one cluster: applied together, and of different groups two may well have one name.
type group struct {
	name    string
	objects []object
}

// readTree returns the objects for the management cluster first, then one group for each folder of `manifests/`, which
// are for workload clusters. Files below `values/` hold no objects.
func readTree(tree string) ([]group, error) {
	groups := map[string][]object{}
	err := filepath.WalkDir(tree, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		relative, err := filepath.Rel(tree, file)
		if err != nil {
			return err
		}
		name := ""
		switch top, _, _ := strings.Cut(filepath.ToSlash(relative), "/"); top {
		case "values":
			return nil
		case "manifests":
			name = filepath.Dir(relative)
		}
		objects, err := readObjects(file)
		groups[name] = append(groups[name], objects...)
		return err
	})
	var sorted []group
	for name, objects := range groups {
		slices.SortStableFunc(objects, inOrder)
		sorted = append(sorted, group{name, objects})
	}
	slices.SortFunc(sorted, func(left, right group) int { return cmp.Compare(left.name, right.name) })
	return sorted, err
}

func readObjects(file string) ([]object, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var objects []object
	reader := kubernetesyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		var fields map[string]any
		if err := yaml.UnmarshalStrict(text, &fields); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(fields) > 0 {
			objects = append(objects, object{file, &unstructured.Unstructured{Object: fields}})
		}
	}
}

// inOrder is Argo CD's order as far as it matters here: sync waves, and namespaces and definitions before what needs them.
func inOrder(left, right object) int {
	return cmp.Or(cmp.Compare(rank(left), rank(right)), cmp.Compare(wave(left), wave(right)))
}

func rank(object object) int {
	switch object.GetKind() {
	case "Namespace":
		return 0
	case "CustomResourceDefinition":
		return 1
	case "AppProject":
		return 2
	}
	return 3
}

func wave(object object) int {
	number, err := strconv.Atoi(object.GetAnnotations()["argocd.argoproj.io/sync-wave"])
	if err != nil {
		return 0
	}
	return number
}
