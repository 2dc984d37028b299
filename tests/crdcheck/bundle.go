package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// The bundle is what `yoshino check` knows of kinds: the schemas of the CRDs below, without descriptions and status,
// with what stands in them more than once written once. One line for each kind and each shared part, so that a
// difference can be read. There is one schema for each group, version and kind: the first source that has it.

var openstack = module{"sigs.k8s.io/cluster-api-provider-openstack", "v0.14.7", "h1:paxhYMaCVkoOBBL3IL02Su2x+/ocXOxqNgZ0AyG2KSI=", []string{
	"config/crd/bases",
}}

// openstackNext is the release that brings v1beta2. It is not to be had as a Go module: its CRDs, as they were at commit
// e52de58abe6f, come from a folder that the caller names.
const openstackNext = "v0.15"

var kubernetes = module{"k8s.io/kubernetes", "v1.36.3", "h1:qDQdoMiluAE2Eab6Fa52YV+WjiGz9mZFFoagEA6cI+o=", []string{
	"api/openapi-spec/v3",
}}

// called is what people call the modules.
var called = map[string]string{
	"sigs.k8s.io/cluster-api":                    "Cluster API",
	"sigs.k8s.io/cluster-api/test":               "Cluster API's dev provider",
	"sigs.k8s.io/cluster-api-provider-aws/v2":    "AWS provider",
	"github.com/argoproj/argo-cd/v3":             "Argo CD",
	"sigs.k8s.io/cluster-api-provider-openstack": "OpenStack provider",
	"sigs.k8s.io/hierarchical-namespaces":        "HNC",
}

// leftOut are kinds that no fleet of ours has and that are large.
var leftOut = regexp.MustCompile(`^ROSA`)

// keywords are what the reader of the bundle knows; whatever else a schema says is left out.
var keywords = []string{
	"type", "enum", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
	"minItems", "maxItems", "minProperties", "maxProperties", "required", "default", "nullable",
	"x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string", "x-kubernetes-embedded-resource",
	"x-kubernetes-list-type", "x-kubernetes-list-map-keys",
}

// shareable is how many bytes a part must have to be worth a name.
const shareable = 80

type bundledKind struct {
	Group      string `json:"group"`
	Version    string `json:"version"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
	Source     int    `json:"source"`
	Schema     any    `json:"schema"`
}

type bundle struct {
	sources  []string
	kinds    []bundledKind
	metadata any
	seen     map[string]int
	shared   map[string]any
	names    map[string]string
}

// writeBundle makes the bundle of the modules and of the OpenStack provider's next release, whose CRDs are in folder.
func writeBundle(file, folder string) error {
	made := &bundle{seen: map[string]int{}, shared: map[string]any{}, names: map[string]string{}}
	for _, one := range append(slices.Clone(modules), openstack) {
		folders, err := moduleFolders([]module{one})
		if err != nil {
			return err
		}
		if err := made.addDefinitions(called[one.path]+" "+one.version, folders); err != nil {
			return err
		}
	}
	if err := made.addDefinitions("OpenStack provider "+openstackNext, []string{folder}); err != nil {
		return err
	}
	if err := made.addKubernetes(); err != nil {
		return err
	}
	text, err := made.text()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

func (made *bundle) addDefinitions(source string, folders []string) error {
	made.sources = append(made.sources, source)
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("%s holds no CRDs", folder)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if err := made.addFile(content); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

func (made *bundle) addFile(content []byte) error {
	var crd struct {
		Kind string
		Spec struct {
			Group    string
			Scope    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Served bool
				Schema struct{ OpenAPIV3Schema map[string]any }
			}
		}
	}
	if err := yaml.Unmarshal(content, &crd); err != nil {
		return err
	}
	if crd.Kind != "CustomResourceDefinition" || leftOut.MatchString(crd.Spec.Names.Kind) {
		return nil
	}
	for _, version := range crd.Spec.Versions {
		if version.Served {
			made.add(bundledKind{crd.Spec.Group, version.Name, crd.Spec.Names.Kind, crd.Spec.Scope == "Namespaced",
				len(made.sources) - 1, root(stripped(version.Schema.OpenAPIV3Schema))})
		}
	}
	return nil
}

func (made *bundle) add(kind bundledKind) {
	for _, known := range made.kinds {
		if known.Group == kind.Group && known.Version == kind.Version && known.Kind == kind.Kind {
			return
		}
	}
	made.kinds = append(made.kinds, kind)
}

// root leaves out of an object what every kind has; what is written of a status is nobody's business here.
func root(schema map[string]any) map[string]any {
	if properties, ok := schema["properties"].(map[string]any); ok {
		for _, name := range []string{"apiVersion", "kind", "metadata"} {
			delete(properties, name)
		}
		if _, ok := properties["status"]; ok {
			properties["status"] = map[string]any{"x-kubernetes-preserve-unknown-fields": true}
		}
	}
	if required, ok := schema["required"].([]any); ok {
		required = slices.DeleteFunc(required, func(name any) bool { return name == "status" || name == "metadata" })
		schema["required"] = required
		if len(required) == 0 {
			delete(schema, "required")
		}
	}
	return schema
}

// stripped keeps of a schema what decides whether an object is valid. It knows where schemas stand, so that a field
// which is called `description` stays.
func stripped(schema map[string]any) map[string]any {
	kept := map[string]any{}
	for _, keyword := range keywords {
		if value, ok := schema[keyword]; ok {
			kept[keyword] = value
		}
	}
	if schema["format"] == "int-or-string" {
		kept["x-kubernetes-int-or-string"] = true
	}
	if _, ok := kept["x-kubernetes-int-or-string"]; ok {
		return kept
	}
	if open, ok := schema["additionalProperties"].(bool); ok && open {
		kept["x-kubernetes-preserve-unknown-fields"] = true
	}
	for _, keyword := range []string{"items", "additionalProperties", "not"} {
		if inner, ok := schema[keyword].(map[string]any); ok {
			kept[keyword] = stripped(inner)
		}
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		if list, ok := schema[keyword].([]any); ok {
			var inner []any
			for _, item := range list {
				inner = append(inner, stripped(item.(map[string]any)))
			}
			kept[keyword] = inner
		}
	}
	if properties, ok := schema["properties"].(map[string]any); ok {
		inner := map[string]any{}
		for name, property := range properties {
			inner[name] = stripped(property.(map[string]any))
		}
		kept["properties"] = inner
	}
	return kept
}

// addKubernetes takes the kinds of stable versions from what the API server publishes of itself. Its defaults are those
// of Go's types and say nothing.
func (made *bundle) addKubernetes() error {
	folders, err := moduleFolders([]module{kubernetes})
	if err != nil {
		return err
	}
	made.sources = append(made.sources, "Kubernetes "+kubernetes.version)
	files, err := filepath.Glob(filepath.Join(folders[0], "*__v[0-9]_openapi.json"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("%s holds no schemas", folders[0])
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var document struct {
			Paths      map[string]any
			Components struct{ Schemas map[string]map[string]any }
		}
		if err := json.Unmarshal(content, &document); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		types := document.Components.Schemas
		for _, schema := range types {
			made.addBuiltin(schema, types, document.Paths)
		}
		if metadata, ok := types["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]; ok {
			made.metadata = stripped(inlined(metadata, types, nil))
		}
	}
	return nil
}

func (made *bundle) addBuiltin(schema map[string]any, types map[string]map[string]any, paths map[string]any) {
	ids, _ := schema["x-kubernetes-group-version-kind"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	metadata, _ := properties["metadata"].(map[string]any)
	if len(ids) != 1 || metadata["allOf"] == nil || properties["items"] != nil {
		return
	}
	id := ids[0].(map[string]any)
	group, version, kind := id["group"].(string), id["version"].(string), id["kind"].(string)
	namespaced := false
	for path := range paths {
		if strings.Contains(path, "/namespaces/{namespace}/") && strings.HasSuffix(path, "/"+plural(kind)) {
			namespaced = true
		}
	}
	made.add(bundledKind{group, version, kind, namespaced, len(made.sources) - 1, root(stripped(inlined(schema, types, nil)))})
}

func plural(kind string) string {
	lower := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(lower, "s") && lower != "endpoints":
		return lower + "es"
	case strings.HasSuffix(lower, "y"):
		return strings.TrimSuffix(lower, "y") + "ies"
	case lower == "endpoints":
		return lower
	}
	return lower + "s"
}

// inlined replaces references by what they name; a type within itself may hold anything.
func inlined(schema map[string]any, types map[string]map[string]any, within []string) map[string]any {
	name := reference(schema)
	if list, ok := schema["allOf"].([]any); ok && name == "" && len(list) == 1 {
		name = reference(list[0].(map[string]any))
	}
	if name != "" {
		if slices.Contains(within, name) {
			return map[string]any{"x-kubernetes-preserve-unknown-fields": true}
		}
		return inlined(types[name], types, append(slices.Clone(within), name))
	}
	made := map[string]any{}
	for keyword, value := range schema {
		switch keyword {
		case "default":
		case "properties":
			inner := map[string]any{}
			for name, property := range value.(map[string]any) {
				inner[name] = inlined(property.(map[string]any), types, within)
			}
			made[keyword] = inner
		case "items", "additionalProperties":
			if inner, ok := value.(map[string]any); ok {
				made[keyword] = inlined(inner, types, within)
			}
		default:
			made[keyword] = value
		}
	}
	if made["type"] == "object" && made["properties"] == nil && made["additionalProperties"] == nil {
		made["x-kubernetes-preserve-unknown-fields"] = true
	}
	return made
}

func reference(schema map[string]any) string {
	text, _ := schema["$ref"].(string)
	return strings.TrimPrefix(text, "#/components/schemas/")
}

func (made *bundle) text() ([]byte, error) {
	slices.SortFunc(made.kinds, func(one, other bundledKind) int {
		return strings.Compare(one.Group+"/"+one.Kind+"/"+one.Version, other.Group+"/"+other.Kind+"/"+other.Version)
	})
	made.count(made.metadata)
	for _, kind := range made.kinds {
		made.count(kind.Schema)
	}
	metadata := made.folded(made.metadata)
	var kinds []string
	for _, kind := range made.kinds {
		kind.Schema = made.folded(kind.Schema)
		kinds = append(kinds, canonical(kind))
	}
	var names, shared []string
	for name := range made.shared {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		shared = append(shared, fmt.Sprintf("%q:%s", name, canonical(made.shared[name])))
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "{\"sources\":%s,\n\"metadata\":%s,\n\"shared\":{\n%s\n},\n\"kinds\":[\n%s\n]}\n", canonical(made.sources), canonical(metadata),
		strings.Join(shared, ",\n"), strings.Join(kinds, ",\n"))
	return text.Bytes(), nil
}

// eachPart calls visit for the schemas directly within one, and puts in their place what it returns.
func eachPart(schema map[string]any, visit func(any) any) map[string]any {
	made := map[string]any{}
	for keyword, value := range schema {
		switch keyword {
		case "properties":
			inner := map[string]any{}
			for name, property := range value.(map[string]any) {
				inner[name] = visit(property)
			}
			made[keyword] = inner
		case "items", "additionalProperties", "not":
			made[keyword] = visit(value)
		case "allOf", "anyOf", "oneOf":
			var inner []any
			for _, item := range value.([]any) {
				inner = append(inner, visit(item))
			}
			made[keyword] = inner
		default:
			made[keyword] = value
		}
	}
	return made
}

func (made *bundle) count(schema any) {
	text := canonical(schema)
	made.seen[text]++
	if made.seen[text] > 1 {
		return
	}
	eachPart(schema.(map[string]any), func(part any) any { made.count(part); return part })
}

func (made *bundle) folded(schema any) any {
	text := canonical(schema)
	inner := func() any { return eachPart(schema.(map[string]any), made.folded) }
	if made.seen[text] < 2 || len(text) < shareable {
		return inner()
	}
	hash := sha256.Sum256([]byte(text))
	name := hex.EncodeToString(hash[:3])
	if known, ok := made.names[name]; ok && known != text {
		panic("two parts of the bundle have the name " + name + ": take more of the hash")
	}
	if _, ok := made.names[name]; !ok {
		made.names[name] = text
		made.shared[name] = inner()
	}
	return map[string]any{"$ref": name}
}

func canonical(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic("what was read from JSON can be written as JSON: " + err.Error())
	}
	return strings.TrimSuffix(text.String(), "\n")
}
