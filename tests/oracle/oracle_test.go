package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const fleet = "testdata/fleet"

// ask runs a command over a fleet whose files were changed by `old -> new` replacements, and decodes its answer.
func ask(t *testing.T, into any, changes map[string]string, arguments ...string) int {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(fleet)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		replace(t, file, changes)
	}
	last := len(arguments) - 1
	arguments[last] = strings.ReplaceAll(arguments[last], fleet, folder)
	var output bytes.Buffer
	code := run(arguments, &output, t.Output())
	if err := json.Unmarshal(output.Bytes(), into); err != nil {
		t.Fatalf("exit %d: %v", code, err)
	}
	return code
}

func replace(t *testing.T, file string, changes map[string]string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for old, new := range changes {
		content = bytes.ReplaceAll(content, []byte(old), []byte(new))
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestASetMakesAnApplicationForEachSelectedSecret(t *testing.T) {
	var answer expansions

	code := ask(t, &answer, nil, "expand", "--strict", fleet)

	if code != 0 || len(answer.Sets) != 1 || len(answer.Sets[0].Applications) != 1 {
		t.Fatalf("exit %d, %s", code, printed(answer))
	}
	made := answer.Sets[0].Applications[0]
	if made.Metadata.Name != "cilium-shop-web" || made.Spec.Project != "shop-platform" || made.Spec.Source.TargetRevision != "1.20.3" {
		t.Errorf("made %s", printed(made))
	}
}

func TestASecretOfAnotherVariantIsHeld(t *testing.T) {
	var answer expansions

	code := ask(t, &answer, map[string]string{"cilium.source: helm-aaaa1111\n    addons": "cilium.source: helm-bbbb2222\n    addons"}, "expand", "--strict", fleet)

	validation := answer.Sets[0].Validation["argocd/cilium-shop-web"]
	if code != 1 || validation != "application references project yoshino-hold which does not exist" {
		t.Errorf("exit %d, %s", code, printed(answer))
	}
}

func TestAnUnknownFieldAndAnUnknownGeneratorAreReported(t *testing.T) {
	var answer expansions

	code := ask(t, &answer, map[string]string{"    - clusters:": "    - cluster: {}\n    - clusters:", "kind: ApplicationSet\n": "kind: ApplicationSet\nspecs: {}\n"}, "expand", "--strict", fleet)

	set := answer.Sets[0]
	if code != 1 || len(set.UnknownFields) != 3 || len(set.InvalidGenerators) != 1 {
		t.Errorf("exit %d, %s", code, printed(set.withoutApplications()))
	}
}

func TestGeneratorsThatAskAServerAreRefusedByName(t *testing.T) {
	generators := map[string]string{
		"scmProvider": "{github: {organization: a}}", "pullRequest": "{github: {owner: a, repo: b}}",
		"plugin": "{configMapRef: {name: a}}", "clusterDecisionResource": "{configMapRef: a}",
	}
	for name, generator := range generators {
		var answer expansions

		ask(t, &answer, map[string]string{"    - clusters:": "    - " + name + ": " + generator + "\n    - clusters:"}, "expand", fleet)

		expected := "error getting params from generators: oracle: generator " + name + " is not supported offline"
		if found := answer.Sets[0].Error; found == nil || !strings.Contains(*found, "oracle: generator "+name) {
			t.Errorf("%s, expected an error like %s", printed(answer), expected)
		}
	}
}

func TestTheGitGeneratorReadsACheckout(t *testing.T) {
	checkout := t.TempDir()
	if err := os.MkdirAll(filepath.Join(checkout, "apps", "web"), 0o700); err != nil {
		t.Fatal(err)
	}
	set := filepath.Join(t.TempDir(), "set.yaml")
	content := `{"apiVersion":"argoproj.io/v1alpha1","kind":"ApplicationSet","metadata":{"name":"git"},"spec":{
		"generators":[{"git":{"repoURL":"https://git.example.com/a.git","directories":[{"path":"apps/*"}]}}],
		"template":{"metadata":{"name":"{{path.basename}}"},"spec":{"project":"default","destination":{"name":"in-cluster"},"source":{"repoURL":"a"}}}}}`
	if err := os.WriteFile(set, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer

	code := run([]string{"expand", "--strict", "--repo", "https://git.example.com/a.git=" + checkout, set}, &output, t.Output())

	if code != 0 || !strings.Contains(output.String(), `"name": "web"`) {
		t.Errorf("exit %d, %s", code, output.String())
	}
}

func TestARecordingHasOneApplicationALine(t *testing.T) {
	var answer []recorded

	code := ask(t, &answer, nil, "applications", "management="+fleet)

	if code != 0 || len(answer) != 1 || answer[0].Management != "management" || answer[0].Spec.Destination.Name != "shop-web" {
		t.Errorf("exit %d, %s", code, printed(answer))
	}
}

func TestEveryEnabledAddonIsCoveredByOneApplication(t *testing.T) {
	cases := map[string]struct {
		changes map[string]string
		problem string
	}{
		"as declared": {nil, ""},
		"one too many": {map[string]string{`cilium: "true"`: `cilium: "True"`, `values: ["true"]`: `values: ["True"]`},
			"Application cilium-shop-web is made by cilium, no cluster Secret enables it"},
		"one missing":   {map[string]string{`calico: "false"`: `calico: "true"`}, "Application calico-shop-web is enabled by Secret cluster-shop-web and not made"},
		"wrong project": {map[string]string{"test.example.com/project}}-platform": "test.example.com/project}}"}, "Application cilium-shop-web: project is `shop`, expected `shop-platform`"},
		"wrong cluster": {map[string]string{"destination: {name: '{{name}}'": "destination: {server: '{{server}}'"}, "Application cilium-shop-web: destination is ``, expected `shop-web`"},
	}
	for name, test := range cases {
		var answer coverage

		code := ask(t, &answer, test.changes, "cover", "--label-domain", "test.example.com", fleet)

		if (code == 0) != (test.problem == "") || strings.Join(answer.Problems, "\n") != test.problem && answer.Problems[0] != test.problem {
			t.Errorf("%s: exit %d, %s", name, code, printed(answer))
		}
	}
}

func TestAProjectAllowsWhatItsAddonsNeedAndNothingElse(t *testing.T) {
	cases := map[string]struct {
		changes  map[string]string
		expected string
	}{
		"as declared":        {nil, "[] []"},
		"foreign repository": {map[string]string{"sourceRepos: [https://helm.cilium.io]": "sourceRepos: [https://example.com]"}, "IsSourcePermitted"},
		"foreign cluster":    {map[string]string{"destinations:\n    - {name: shop-web": "destinations:\n    - {name: shop-api"}, "IsDestinationPermitted"},
		"no CRDs":            {map[string]string{"kind: '*'": "kind: ClusterRole"}, "IsGroupKindNamePermitted"},
		"no such project":    {map[string]string{"metadata: {name: shop-platform": "metadata: {name: shop-platforms"}, "does not exist"},
		"Argo CD's namespace": {map[string]string{"svc, namespace: shop}": "svc, namespace: '*'}"},
			`"subject":"management cluster, namespace argocd"`},
		"a tenant on the management cluster": {map[string]string{"destinations: [{name: shop-web,": "destinations: [{name: in-cluster,"},
			`"project":"shop","check":"IsDestinationPermitted","subject":"management cluster, namespace kube-system"`},
		"a tenant that binds cluster roles there": {map[string]string{
			"destinations: [{name: shop-web, namespace: '*'}]": "destinations: [{name: in-cluster, namespace: '*'}]\n  clusterResourceWhitelist: [{group: '*', kind: '*'}]"},
			"ClusterRoleBinding.rbac.authorization.k8s.io on the management cluster"},
		"another tenant's cluster": {map[string]string{"example.com/project: shop": "example.com/project: bank"}, "cluster shop-web of bank"},
	}
	for name, test := range cases {
		var answer permissions

		code := ask(t, &answer, test.changes, "permit", "--label-domain", "test.example.com", fleet)

		findings := printed(answer.Refusals) + " " + printed(answer.Breaches)
		if (code == 0) != (test.changes == nil) || !strings.Contains(findings, test.expected) {
			t.Errorf("%s: exit %d, %s", name, code, findings)
		}
	}
}
