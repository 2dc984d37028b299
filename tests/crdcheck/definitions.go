package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// definition is one served version of a CRD, compiled as the API server compiles it.
type definition struct {
	file       string
	namespaced bool
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
	// rules is nil where the schema has no x-kubernetes-validations.
	rules *cel.Validator
}

type definitions struct {
	kinds map[schema.GroupVersionKind]*definition
	// served lists, for each kind, the versions there are: the hint for a version that is not.
	served map[schema.GroupKind][]string
	groups map[string]bool
}

func loadDefinitions(folders []string) (*definitions, error) {
	loaded := &definitions{map[schema.GroupVersionKind]*definition{}, map[schema.GroupKind][]string{}, map[string]bool{}}
	for _, folder := range folders {
		before := len(loaded.kinds)
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !isManifest(file) {
				return err
			}
			return loaded.addFile(file)
		})
		if err != nil {
			return nil, err
		}
		if len(loaded.kinds) == before {
			return nil, fmt.Errorf("%s holds no CustomResourceDefinition", folder)
		}
	}
	return loaded, nil
}

// addFile passes over files that hold something else: modules keep a kustomization.yaml beside their CRDs.
func (loaded *definitions) addFile(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(content, &crd); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if crd.Kind != "CustomResourceDefinition" {
		return nil
	}
	for _, version := range crd.Spec.Versions {
		if !version.Served {
			continue
		}
		if err := loaded.addVersion(file, crd.Spec, version); err != nil {
			return fmt.Errorf("%s: %s: %w", file, version.Name, err)
		}
	}
	return nil
}

func (loaded *definitions) addVersion(file string, crd apiextensionsv1.CustomResourceDefinitionSpec, version apiextensionsv1.CustomResourceDefinitionVersion) error {
	id := schema.GroupVersionKind{Group: crd.Group, Version: version.Name, Kind: crd.Names.Kind}
	if other, exists := loaded.kinds[id]; exists {
		return fmt.Errorf("%s is defined in %s too", id, other.file)
	}
	compiled, err := compile(version)
	if err != nil {
		return err
	}
	compiled.file = file
	compiled.namespaced = crd.Scope == apiextensionsv1.NamespaceScoped
	loaded.kinds[id] = compiled
	loaded.served[id.GroupKind()] = append(loaded.served[id.GroupKind()], version.Name)
	loaded.groups[crd.Group] = true
	return nil
}

func compile(version apiextensionsv1.CustomResourceDefinitionVersion) (*definition, error) {
	var internal apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, &internal, nil); err != nil {
		return nil, err
	}
	structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	rules := cel.NewValidator(structural, true, celconfig.PerCallLimit)
	return &definition{structural: structural, validator: validator, rules: rules}, nil
}
