package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestTheAnswersEqualTheYardstick runs where somebody has a folder of cases with known answers: <case>/input.yaml,
// expected.json, meta.json and the repositories that meta.json names. The project ships none.
func TestTheAnswersEqualTheYardstick(t *testing.T) {
	folder := os.Getenv("YOSHINO_ORACLE_CASES")
	if folder == "" {
		t.Skip("YOSHINO_ORACLE_CASES names no folder of cases")
	}
	inputs, err := filepath.Glob(filepath.Join(folder, "*", "input.yaml"))
	if err != nil || len(inputs) == 0 {
		t.Fatalf("no cases in %s: %v", folder, err)
	}
	for _, input := range inputs {
		t.Run(filepath.Base(filepath.Dir(input)), func(t *testing.T) { compareCase(t, filepath.Dir(input)) })
	}
	t.Logf("%d cases", len(inputs))
}

func compareCase(t *testing.T, folder string) {
	var meta struct {
		Repos       map[string]string
		NewGlobbing bool
	}
	readJSON(t, filepath.Join(folder, "meta.json"), &meta)
	arguments := []string{"expand"}
	for url, name := range meta.Repos {
		checkout := filepath.Join(folder, name)
		if _, err := os.Stat(checkout); err != nil {
			// An empty folder does not survive being stored in git.
			checkout = t.TempDir()
		}
		arguments = append(arguments, "--repo", url+"="+checkout)
	}
	if meta.NewGlobbing {
		arguments = append(arguments, "--new-globbing")
	}
	var output bytes.Buffer
	code := run(append(arguments, filepath.Join(folder, "input.yaml")), &output, t.Output())
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	var found, expected any
	if err := json.Unmarshal(output.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	readJSON(t, filepath.Join(folder, "expected.json"), &expected)
	if hasUnstable(expected) {
		t.Skip("the answer depends on the order of a Go map")
	}
	if !reflect.DeepEqual(found, expected) {
		t.Errorf("found\n%s", output.String())
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func hasUnstable(expected any) bool {
	answer, _ := expected.(map[string]any)
	sets, _ := answer["applicationsets"].([]any)
	for _, set := range sets {
		if fields, _ := set.(map[string]any); fields["unstable"] != nil {
			return true
		}
	}
	return false
}
