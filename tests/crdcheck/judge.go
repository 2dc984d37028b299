package main

import (
	"fmt"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// exemption names kinds that nothing here can judge, and says why.
type exemption struct {
	group, kind, reason string
}

// alwaysUnchecked are kinds that appear beside objects although no Go module has a CRD for them.
var alwaysUnchecked = []exemption{
	{"external-secrets.io", "*", "no CRDs as a Go module"},
	{"yoshino.dev", "*", "read by yoshino"},
	{"kustomize.config.k8s.io", "*", "read by kustomize"},
}

func parseExemption(text string) (exemption, error) {
	pattern, reason, hasReason := strings.Cut(text, "=")
	group, kind, hasKind := strings.Cut(pattern, "/")
	if !hasReason || !hasKind || reason == "" {
		return exemption{}, fmt.Errorf("expected GROUP/KIND=reason, found %q", text)
	}
	if _, err := path.Match(kind, ""); err != nil {
		return exemption{}, err
	}
	return exemption{group, kind, reason}, nil
}

func (exempt exemption) covers(id schema.GroupVersionKind) bool {
	matches, _ := path.Match(exempt.kind, id.Kind)
	return exempt.group == id.Group && matches
}

type judge struct {
	definitions *definitions
	builtin     builtinKinds
	unchecked   []exemption
}

// judge adds what is wrong with one document to the report. A CRD wins over an exemption: what can be judged is.
func (judge judge) judge(document document, report *report) {
	id, name, problem := identify(document)
	report.objects++
	if problem != "" {
		report.add(newProblem(document, name, problem))
		return
	}
	report.kinds[id.String()] = true
	if definition, defined := judge.definitions.kinds[id]; defined {
		report.addErrors(document, name, definition.problems(document.object))
		return
	}
	if judge.builtin.recognizes(id) {
		report.addErrors(document, name, judge.builtin.problems(id, document.object))
		return
	}
	for _, exempt := range judge.unchecked {
		if exempt.covers(id) {
			report.notChecked[fmt.Sprintf("%s %s: %s", id.GroupVersion(), id.Kind, exempt.reason)]++
			return
		}
	}
	report.add(newProblem(document, name, judge.whyUnknown(id)))
}

func newProblem(document document, object, message string) problem {
	return problem{file: document.file, object: object, message: message}
}

// identify returns the kind and `Kind/name`, or what keeps the document from being an object.
func identify(document document) (schema.GroupVersionKind, string, string) {
	apiVersion, _ := document.object["apiVersion"].(string)
	kind, _ := document.object["kind"].(string)
	metadata, _ := document.object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	if apiVersion == "" || kind == "" {
		return schema.GroupVersionKind{}, "document", "no Kubernetes object: it lacks `apiVersion` or `kind`"
	}
	version, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return schema.GroupVersionKind{}, kind + "/" + name, err.Error()
	}
	return version.WithKind(kind), kind + "/" + name, ""
}

func (judge judge) whyUnknown(id schema.GroupVersionKind) string {
	if served := judge.definitions.served[id.GroupKind()]; len(served) > 0 {
		return fmt.Sprintf("%s is not served, %s has %s", id.Version, id.GroupKind(), strings.Join(served, ", "))
	}
	if judge.definitions.groups[id.Group] || judge.builtin.hasGroup(id.Group) {
		return fmt.Sprintf("no kind `%s` in %s", id.Kind, id.GroupVersion())
	}
	return fmt.Sprintf("no CRD for %s; name it with --unchecked if there cannot be one", id)
}
