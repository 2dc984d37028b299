package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// caseFile is a file of cases: what its cases have in common, and each under the sentence that it shows. What a case
// says is laid over what the file says as a JSON Merge Patch (RFC 7386); `objects` are added.
//
// tests/parity/cases.rs reads the same; a difference between the two shows as a difference of answers.
type caseFile struct {
	shared
	Cases json.RawMessage `json:"cases"`
}

type shared struct {
	// Set is the spec of the ApplicationSet.
	Set json.RawMessage `json:"set"`
	// Clusters are cluster Secrets, by display name.
	Clusters json.RawMessage `json:"clusters"`
	// Repository has the files of repositoryURL, by path.
	Repository json.RawMessage `json:"repository"`
	// Objects are further documents.
	Objects []json.RawMessage `json:"objects"`
}

// recordedCase is one case, what the file says laid under it.
type recordedCase struct {
	shared
	// Input is the text of all documents, in the place of what Set, Clusters and Objects come to; InputFile names the
	// file beside that holds it.
	Input     string `json:"input"`
	InputFile string `json:"inputFile"`
	// Fill are texts, each the annotation `filled` of a set of its own.
	Fill []string `json:"fill"`
	// Random says that Argo CD does not answer the same each time.
	Random bool `json:"random"`

	name   string
	folder string
}

const repositoryURL = "https://git.example.com/repository.git"

// readCases returns the cases of a file in its order.
func readCases(path string) ([]recordedCase, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file caseFile
	if err := yaml.UnmarshalStrict(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	names, bodies, err := entries(file.Cases)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	cases := make([]recordedCase, len(names))
	for index, name := range names {
		cases[index] = recordedCase{name: name, folder: filepath.Dir(path)}
		if err := cases[index].read(file.shared, bodies[index]); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	return cases, nil
}

// entries splits an object and keeps the order of its keys.
func entries(object json.RawMessage) (names []string, values []json.RawMessage, err error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, nil, err
	}
	for decoder.More() {
		var value json.RawMessage
		name, err := decoder.Token()
		if err == nil {
			err = decoder.Decode(&value)
		}
		if err != nil {
			return nil, nil, err
		}
		names, values = append(names, name.(string)), append(values, value)
	}
	return names, values, nil
}

func (from *recordedCase) read(file shared, body json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(from); err != nil {
		return err
	}
	from.Objects = append(file.Objects[:len(file.Objects):len(file.Objects)], from.Objects...)
	for _, part := range []struct {
		under json.RawMessage
		over  *json.RawMessage
	}{{file.Set, &from.Set}, {file.Clusters, &from.Clusters}, {file.Repository, &from.Repository}} {
		laid, err := laidOver(part.under, *part.over)
		if err != nil {
			return err
		}
		*part.over = laid
	}
	if from.InputFile != "" {
		text, err := os.ReadFile(filepath.Join(from.folder, from.InputFile))
		from.Input = string(text)
		return err
	}
	return nil
}

// laidOver is a JSON Merge Patch. The library that Argo CD has for it drops null in lists too, which the RFC does not.
func laidOver(under, over json.RawMessage) (json.RawMessage, error) {
	first, err := decodeExactly(under)
	if err != nil || over == nil {
		return json.RawMessage(printed(merged(map[string]any{}, first))), err
	}
	second, err := decodeExactly(over)
	return json.RawMessage(printed(merged(first, second))), err
}

// decodeExactly keeps numbers as they are written; nothing at all is an empty object.
func decodeExactly(text json.RawMessage) (any, error) {
	if text == nil {
		return map[string]any{}, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

func merged(under, over any) any {
	patch, isMap := over.(map[string]any)
	if !isMap {
		return over
	}
	target, isMap := under.(map[string]any)
	if !isMap {
		target = map[string]any{}
	}
	for key, value := range patch {
		if value == nil {
			delete(target, key)
			continue
		}
		target[key] = merged(target[key], value)
	}
	return target
}

// documents are the texts that the controller's cluster is filled with.
func (from *recordedCase) documents() ([]string, error) {
	if from.Input != "" {
		return []string{from.Input}, nil
	}
	var documents []string
	sets, err := from.sets()
	if err != nil {
		return nil, err
	}
	secrets, err := from.secrets()
	if err != nil {
		return nil, err
	}
	for _, object := range append(append(sets, secrets...), from.Objects...) {
		documents = append(documents, string(object))
	}
	return documents, nil
}

// sets are one ApplicationSet, or one for each text to fill.
func (from *recordedCase) sets() ([]json.RawMessage, error) {
	if from.Fill == nil {
		return []json.RawMessage{setNamed("set", from.Set)}, nil
	}
	var sets []json.RawMessage
	for index, text := range from.Fill {
		annotation := printed(map[string]any{"template": map[string]any{"metadata": map[string]any{"annotations": map[string]string{"filled": text}}}})
		spec, err := laidOver(from.Set, json.RawMessage(annotation))
		if err != nil {
			return nil, err
		}
		sets = append(sets, setNamed(fmt.Sprintf("set-%03d", index), spec))
	}
	return sets, nil
}

func setNamed(name string, spec json.RawMessage) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"apiVersion":"argoproj.io/v1alpha1","kind":"ApplicationSet","metadata":{"name":%q,"namespace":"argocd"},"spec":%s}`, name, spec))
}

// secrets are named `cluster-` and the display name in lower case; `https://<name>.example.com` is the server where
// none is given.
func (from *recordedCase) secrets() ([]json.RawMessage, error) {
	names, bodies, err := entries(from.Clusters)
	if err != nil {
		return nil, err
	}
	var secrets []json.RawMessage
	for index, name := range names {
		var cluster struct {
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
			Data        map[string]string `json:"data"`
		}
		decoder := json.NewDecoder(bytes.NewReader(bodies[index]))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&cluster); err != nil {
			return nil, fmt.Errorf("clusters: %s: %w", name, err)
		}
		id := strings.Map(asObjectName, name)
		labels := map[string]string{"argocd.argoproj.io/secret-type": "cluster"}
		data := map[string]string{"name": name, "server": "https://" + id + ".example.com"}
		for key, value := range cluster.Labels {
			labels[key] = value
		}
		for key, value := range cluster.Data {
			data[key] = value
		}
		metadata := map[string]any{"name": "cluster-" + id, "namespace": "argocd", "labels": labels}
		if cluster.Annotations != nil {
			metadata["annotations"] = cluster.Annotations
		}
		secrets = append(secrets, json.RawMessage(printed(map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data,
		})))
	}
	return secrets, nil
}

func asObjectName(letter rune) rune {
	switch {
	case letter >= 'a' && letter <= 'z' || letter >= '0' && letter <= '9':
		return letter
	case letter >= 'A' && letter <= 'Z':
		return letter + 'a' - 'A'
	}
	return '-'
}
