package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crypto/x509"
	"crypto/x509/pkix"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	tree := t.TempDir()
	for name, content := range files {
		file := filepath.Join(tree, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

func names(groups []group) string {
	var text []string
	for _, group := range groups {
		line := group.name + ":"
		for _, object := range group.objects {
			line += " " + object.GetKind() + "/" + object.GetName()
		}
		text = append(text, line)
	}
	return strings.Join(text, "\n")
}

func TestATreeIsReadInTheOrderOfArgoCDAndByCluster(t *testing.T) {
	tree := writeTree(t, map[string]string{
		"a.yaml":                        "apiVersion: v1\nkind: Secret\nmetadata: {name: late}\n---\n# nothing\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: early, annotations: {argocd.argoproj.io/sync-wave: '-1'}}\n",
		"z.yaml":                        "apiVersion: v1\nkind: Namespace\nmetadata: {name: home}\n",
		"manifests/dns/shop/web/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dns}\n",
		"values/dns/v1.yaml":            "replicas: 1\n",
	})

	groups, err := readTree(tree)

	expected := ": Namespace/home Secret/early Secret/late\nmanifests/dns/shop/web: ConfigMap/dns"
	if err != nil || names(groups) != expected {
		t.Errorf("%v, read\n%s\nexpected\n%s", err, names(groups), expected)
	}
}

func TestADuplicateKeyIsNamedWithItsFile(t *testing.T) {
	tree := writeTree(t, map[string]string{"a.yaml": "kind: a\nkind: b\n"})

	_, err := readTree(tree)

	if err == nil || !strings.Contains(err.Error(), "a.yaml") {
		t.Errorf("found %v", err)
	}
}

func TestMissingAndSurplusApplicationsAreNamed(t *testing.T) {
	made := map[string]*unstructured.Unstructured{"a": {}, "b": {}}
	cases := map[string]map[string]map[string]any{
		"":                           {"a": {}, "b": {}},
		"b is made and not recorded": {"a": {}},
		"2 of 3 are made, c is not":  {"a": {}, "b": {}, "c": {}},
	}
	for expected, recorded := range cases {
		found := ""
		if err := sameNames(recorded, made); err != nil {
			found = err.Error()
		}
		if found != expected {
			t.Errorf("found %q, expected %q", found, expected)
		}
	}
}

func TestKindsWithoutCRDAreMatchedByGroupAndKind(t *testing.T) {
	chosen := settings{unserved: []string{"infrastructure.cluster.x-k8s.io/OpenStack*"}}
	for kind, expected := range map[string]bool{"OpenStackCluster": true, "AWSMachine": false} {
		given := object{"a.yaml", &unstructured.Unstructured{Object: map[string]any{"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": kind}}}
		if found := chosen.isUnserved(given); found != expected {
			t.Errorf("%s: found %v", kind, found)
		}
	}
}

func TestCertificatesAreSignedForTheLoopbackInterface(t *testing.T) {
	authority, err := newAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := authority.issue("admin", pkix.Name{CommonName: "admin"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(authority.file("admin.crt"))
	if err != nil {
		t.Fatal(err)
	}
	issued, err := parsePEM(text)
	if err != nil {
		t.Fatal(err)
	}

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.pem)
	_, err = issued.Verify(x509.VerifyOptions{Roots: roots, DNSName: "127.0.0.1", KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})

	if err != nil || issued.NotAfter.After(time.Now().Add(72*time.Hour)) {
		t.Errorf("%v, good until %s", err, issued.NotAfter)
	}
}
