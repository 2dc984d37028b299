package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/argoproj/argo-cd/v3/applicationset/utils"
)

const recordedTemplates = "../recorded/templates"

// recordedTemplate is a line of answers.jsonl; src/argocd/go_template/recorded.rs says what is in it.
type recordedTemplate struct {
	Template   string  `json:"t"`
	Parameters string  `json:"d"`
	MissingKey string  `json:"o"`
	Result     *string `json:"r"`
	Error      *string `json:"e"`
}

func TestArgoStillRendersWhatIsRecorded(t *testing.T) {
	parameters := map[string]any{}
	text, err := os.ReadFile(recordedTemplates + "/data.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &parameters); err != nil {
		t.Fatal(err)
	}
	renderer := &utils.Render{}
	for _, line := range lines(t, recordedTemplates+"/answers.jsonl") {
		var recorded recordedTemplate
		if err := json.Unmarshal([]byte(line), &recorded); err != nil {
			t.Fatal(err)
		}
		var options []string
		if recorded.MissingKey != "" {
			options = append(options, "missingkey="+recorded.MissingKey)
		}
		// Made anew for each: a template may change them.
		fresh := decoded(parameters[recorded.Parameters]).(map[string]any)
		result, err := renderer.Replace(recorded.Template, fresh, true, options)
		switch {
		case err != nil && (recorded.Error == nil || *recorded.Error != err.Error()):
			t.Errorf("%s\nfails: %s", line, err)
		// A byte that is no text is recorded as U+FFFD.
		case err == nil && (recorded.Result == nil || *recorded.Result != string([]rune(result))):
			t.Errorf("%s\ngives %q", line, result)
		}
	}
}
