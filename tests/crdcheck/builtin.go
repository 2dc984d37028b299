package main

import (
	"encoding/json"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	pathvalidation "k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
)

// builtinKinds decodes the kinds that Kubernetes itself brings. Their Go types are what the API server decodes with, so
// unknown fields and wrong types are found; rules written in Go inside the API server are not.
type builtinKinds struct {
	scheme  *runtime.Scheme
	decoder runtime.Decoder
}

func newBuiltinKinds() builtinKinds {
	scheme := runtime.NewScheme()
	for _, register := range []func(*runtime.Scheme) error{kubernetesscheme.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := register(scheme); err != nil {
			panic("the types of one Kubernetes release must fit one scheme: " + err.Error())
		}
	}
	return builtinKinds{scheme, serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()}
}

func (builtin builtinKinds) recognizes(id schema.GroupVersionKind) bool {
	return builtin.scheme.Recognizes(id)
}

func (builtin builtinKinds) hasGroup(group string) bool {
	return builtin.scheme.IsGroupRegistered(group)
}

func (builtin builtinKinds) problems(id schema.GroupVersionKind, object map[string]any) field.ErrorList {
	text, err := json.Marshal(object)
	if err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	decoded, _, err := builtin.decoder.Decode(text, nil, nil)
	if strict, isStrict := runtime.AsStrictDecodingError(err); isStrict {
		var errors field.ErrorList
		for _, err := range strict.Errors() {
			errors = append(errors, field.Forbidden(nil, err.Error()))
		}
		return errors
	}
	if err != nil {
		return field.ErrorList{field.Forbidden(nil, err.Error())}
	}
	return metadataProblems(id, decoded)
}

// metadataProblems holds names, labels and annotations to the rules that all kinds share. Kinds of the RBAC group may
// have names that are no DNS names, such as `system:node`.
func metadataProblems(id schema.GroupVersionKind, decoded runtime.Object) field.ErrorList {
	accessor, err := meta.Accessor(decoded)
	if err != nil {
		return nil
	}
	validName := metavalidation.NameIsDNSSubdomain
	if id.Group == "rbac.authorization.k8s.io" {
		validName = pathvalidation.ValidatePathSegmentName
	}
	namespaced := accessor.GetNamespace() != ""
	return metavalidation.ValidateObjectMetaAccessor(accessor, namespaced, validName, field.NewPath("metadata"))
}
