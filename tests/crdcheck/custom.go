package main

import (
	"context"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// problems does to a custom resource what the API server does between decoding and storing a new one, in its order:
// metadata, pruning, nulls, embedded objects, defaults, then validation. object is changed.
//
// Source: apiextensions-apiserver v0.36.1, customresource_handler.go (unstructuredSchemaCoercer) and
// registry/customresource/strategy.go (Validate).
func (definition *definition) problems(object map[string]any) field.ErrorList {
	unknown, malformed := definition.coerce(object)
	if malformed != nil {
		return field.ErrorList{malformed}
	}
	errors := unknownFields(unknown)
	defaulting.Default(object, definition.structural)
	return append(errors, definition.validate(object)...)
}

func (definition *definition) coerce(object map[string]any) ([]string, *field.Error) {
	options := objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true}
	metadata, found, unknown, err := objectmeta.GetObjectMetaWithOptions(object, options)
	if err != nil {
		return nil, field.Invalid(field.NewPath("metadata"), "", err.Error())
	}
	track := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, pruning.PruneWithOptions(object, definition.structural, true, track)...)
	defaulting.PruneNonNullableNullsWithoutDefaults(object, definition.structural)
	embedded := objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true}
	malformed, inEmbedded := objectmeta.CoerceWithOptions(nil, object, definition.structural, false, embedded)
	if malformed != nil {
		return nil, malformed
	}
	if found {
		if err := objectmeta.SetObjectMeta(object, metadata); err != nil {
			return nil, field.Invalid(field.NewPath("metadata"), "", err.Error())
		}
	}
	return append(unknown, inEmbedded...), nil
}

func unknownFields(paths []string) field.ErrorList {
	var errors field.ErrorList
	for _, path := range paths {
		errors = append(errors, field.Forbidden(field.NewPath(path), "unknown field"))
	}
	return errors
}

func (definition *definition) validate(object map[string]any) field.ErrorList {
	resource := &unstructured.Unstructured{Object: object}
	if definition.namespaced && resource.GetNamespace() == "" {
		// Who applies a manifest supplies the namespace it lacks; the API server sees it in the URL.
		resource.SetNamespace("default")
	}
	metadata := field.NewPath("metadata")
	errors := metavalidation.ValidateObjectMetaAccessor(resource, definition.namespaced, metavalidation.NameIsDNSSubdomain, metadata)
	errors = append(errors, validation.ValidateCustomResource(nil, object, definition.validator)...)
	errors = append(errors, objectmeta.Validate(nil, object, definition.structural, false)...)
	errors = append(errors, listtype.ValidateListSetsAndMaps(nil, definition.structural, object)...)
	if len(errors) > 0 || definition.rules == nil {
		// Rules run over a valid object only, as there: they may index what the schema promises.
		return errors
	}
	broken, _ := definition.rules.Validate(context.Background(), nil, definition.structural, object, nil, celconfig.RuntimeCELCostBudget)
	return broken
}
