package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const gardenHead = "apiVersion: test.yoshino.dev/v1\nkind: Garden\nmetadata: {name: hill}\n"

// outcome writes one manifest, checks it against the CRD of testdata, and returns the exit code and the printed lines.
func outcome(t *testing.T, manifest string, flags ...string) (int, []string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "input.yaml"), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := append([]string{"--modules=false", "--crds", "testdata"}, flags...)
	var output bytes.Buffer
	code := run(append(arguments, folder), &output, t.Output())
	printed := strings.ReplaceAll(output.String(), folder+string(filepath.Separator), "")
	return code, strings.Split(strings.TrimSuffix(printed, "\n"), "\n")
}

func TestAnObjectIsJudgedAsTheAPIServerJudgesIt(t *testing.T) {
	cases := map[string]struct {
		manifest string
		problem  string
	}{
		"a valid object passes": {gardenHead + "spec: {trees: 3, beds: [{name: a}, {name: b}], notes: {anything: goes}}", ""},
		"a default fills a field before rules run": {
			gardenHead + "spec: {trees: 10}", ""},
		"an unknown field is refused": {
			gardenHead + "spec: {trees: 3, tree: 4}", "Garden/hill: spec.tree: Forbidden: unknown field"},
		"an unknown field of the metadata is refused": {
			"apiVersion: test.yoshino.dev/v1\nkind: Garden\nmetadata: {name: hill, label: {}}\nspec: {trees: 1}", "Garden/hill: metadata.label: Forbidden: unknown field"},
		"a missing field is refused": {
			gardenHead + "spec: {room: 3}", "Garden/hill: spec.trees: Required value"},
		"a wrong type is refused": {
			gardenHead + "spec: {trees: three}", `Garden/hill: spec.trees: Invalid value: "string": spec.trees in body must be of type integer: "string"`},
		"a value out of bounds is refused": {
			gardenHead + "spec: {trees: 0}", "Garden/hill: spec.trees: Invalid value: 0: spec.trees in body should be greater than or equal to 1"},
		"a rule of the CRD is held": {
			gardenHead + "spec: {trees: 11}", "Garden/hill: spec: Invalid value: more trees than there is room for"},
		"a list map holds each key once": {
			gardenHead + "spec: {trees: 3, beds: [{name: a}, {name: a}]}", `Garden/hill: spec.beds[1]: Duplicate value: {"name":"a"}`},
		"a version that is not served is refused": {
			strings.Replace(gardenHead, "v1", "v1alpha1", 1), "Garden/hill: v1alpha1 is not served, Garden.test.yoshino.dev has v1"},
		"a misspelt kind is refused": {
			strings.Replace(gardenHead, "Garden", "Gardens", 1), "Gardens/hill: no kind `Gardens` in test.yoshino.dev/v1"},
		"a label that is no label is refused": {
			"apiVersion: test.yoshino.dev/v1\nkind: Garden\nmetadata: {name: hill, labels: {a: 'x y'}}\nspec: {trees: 1}",
			"Garden/hill: metadata.labels: Invalid value: \"x y\": a valid label must be an empty string or consist of alphanumeric characters"},
		"a label that is a boolean is refused": {
			"apiVersion: test.yoshino.dev/v1\nkind: Garden\nmetadata: {name: hill, labels: {a: yes}}\nspec: {trees: 1}", "Garden/hill: metadata: Invalid value"},
		"a duplicate key is refused": {
			gardenHead + "spec: {trees: 3, trees: 4}", `document 1: yaml: unmarshal errors: line 4: key "trees" already set in map`},
		"a document that is no object is refused": {"trees: 3", "document: no Kubernetes object: it lacks `apiVersion` or `kind`"},
		"a group that nobody named is refused": {
			"apiVersion: example.com/v1\nkind: Lake\nmetadata: {name: a}", "Lake/a: no CRD for example.com/v1, Kind=Lake"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			code, lines := outcome(t, test.manifest)

			if test.problem == "" {
				expectPass(t, code, lines)
				return
			}
			if code != 1 || !strings.HasPrefix(lines[0], "input.yaml: "+test.problem) {
				t.Errorf("exit %d, printed\n%s\nexpected\ninput.yaml: %s", code, strings.Join(lines, "\n"), test.problem)
			}
		})
	}
}

func expectPass(t *testing.T, code int, lines []string) {
	t.Helper()
	if code != 0 || len(lines) != 1 {
		t.Errorf("exit %d, printed\n%s", code, strings.Join(lines, "\n"))
	}
}

func TestBuiltinKindsAreDecodedStrictly(t *testing.T) {
	cases := map[string]struct{ manifest, problem string }{
		"a valid one passes":              {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: value}", ""},
		"an unknown field is refused":     {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndat: {key: value}", "ConfigMap/a: Forbidden: unknown field \"dat\""},
		"a wrong type is refused":         {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {key: 1}", "ConfigMap/a: Forbidden: "},
		"Secret data must be base64":      {"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {key: '*'}", "Secret/a: Forbidden: illegal base64"},
		"an unserved version is refused":  {"apiVersion: apps/v1beta7\nkind: Deployment\nmetadata: {name: a}", "Deployment/a: no kind `Deployment` in apps/v1beta7"},
		"a name must be a name":           {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}", "ConfigMap/A_b: metadata.name: Invalid value"},
		"a role's name may hold a colon":  {"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: 'a:b'}", ""},
		"a CustomResourceDefinition also": {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec: {grup: a}", "CustomResourceDefinition/a: Forbidden: unknown field \"spec.grup\""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			code, lines := outcome(t, test.manifest)

			if test.problem == "" {
				expectPass(t, code, lines)
				return
			}
			if code != 1 || !strings.HasPrefix(lines[0], "input.yaml: "+test.problem) {
				t.Errorf("exit %d, printed\n%s", code, strings.Join(lines, "\n"))
			}
		})
	}
}

func TestWhatIsNotCheckedIsCountedAndNamed(t *testing.T) {
	manifest := "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\n---\n" +
		"apiVersion: example.com/v1\nkind: Lake\nmetadata: {name: a}\n---\n" + gardenHead + "spec: {trees: 1}"

	code, lines := outcome(t, manifest, "--unchecked", "example.com/L*=a lake has no CRD")

	expected := "3 objects, 3 kinds, 2 not checked (1 example.com/v1 Lake: a lake has no CRD; " +
		"1 external-secrets.io/v1 ExternalSecret: no CRDs as a Go module)"
	if code != 0 || len(lines) != 1 || lines[0] != expected {
		t.Errorf("exit %d, printed\n%s\nexpected\n%s", code, strings.Join(lines, "\n"), expected)
	}
}

func TestItemsOfAListAndFilesInFoldersWithoutObjectsAreCounted(t *testing.T) {
	folder := t.TempDir()
	values := filepath.Join(folder, "values", "cilium")
	if err := os.MkdirAll(values, 0o700); err != nil {
		t.Fatal(err)
	}
	list := "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n"
	for path, content := range map[string]string{filepath.Join(folder, "list.yaml"): list, filepath.Join(values, "v1.yaml"): "replicas: 1\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	var output bytes.Buffer
	code := run([]string{"--modules=false", "--skip-folder", "values", folder}, &output, t.Output())

	if expected := "2 objects, 2 kinds, 0 not checked, 1 files in folders without objects\n"; code != 0 || output.String() != expected {
		t.Errorf("exit %d, printed %sexpected %s", code, output.String(), expected)
	}
}

func TestNoObjectsAreNoSuccess(t *testing.T) {
	code, lines := outcome(t, "# nothing\n")

	if code != 1 {
		t.Errorf("exit %d, printed\n%s", code, strings.Join(lines, "\n"))
	}
}

func TestTheModulesHoldTheDefinitionsOfEveryProvider(t *testing.T) {
	folders, err := moduleFolders(modules)
	if err != nil {
		t.Fatal(err)
	}

	loaded, err := loadDefinitions(folders)
	if err != nil {
		t.Fatal(err)
	}

	for _, kind := range []string{
		"Cluster.cluster.x-k8s.io", "KubeadmControlPlane.controlplane.cluster.x-k8s.io", "KubeadmConfigTemplate.bootstrap.cluster.x-k8s.io",
		"DevCluster.infrastructure.cluster.x-k8s.io", "AWSManagedControlPlane.controlplane.cluster.x-k8s.io", "ApplicationSet.argoproj.io",
	} {
		if !definesKind(loaded, kind) {
			t.Errorf("no definition of %s", kind)
		}
	}
}

func definesKind(loaded *definitions, kind string) bool {
	for id := range loaded.served {
		if id.String() == kind {
			return true
		}
	}
	return false
}
