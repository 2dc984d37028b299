package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// problem is one reason why an API server would not take an object. field is empty where the whole object is meant.
type problem struct {
	file, object, field, message string
}

func (problem problem) String() string {
	parts := []string{problem.file, problem.object}
	if problem.field != "" {
		parts = append(parts, problem.field)
	}
	// A message of several lines would break the promise of one line for each problem.
	return strings.Join(append(parts, strings.Join(strings.Fields(problem.message), " ")), ": ")
}

// wholeObject is how field.Path prints the path of no field.
var wholeObject = (*field.Path)(nil).String()

type report struct {
	problems     []problem
	objects      int
	kinds        map[string]bool
	notChecked   map[string]int
	skippedFiles int
}

func newReport() *report {
	return &report{kinds: map[string]bool{}, notChecked: map[string]int{}}
}

func (report *report) add(problem problem) {
	report.problems = append(report.problems, problem)
}

func (report *report) addErrors(document document, name string, errors field.ErrorList) {
	for _, err := range errors {
		path := err.Field
		if path == wholeObject {
			path = ""
		}
		report.add(problem{document.file, name, path, err.ErrorBody()})
	}
}

// print ends with the counts, the reasons for what was not checked in the order of their names.
func (report *report) print(output io.Writer) {
	for _, problem := range report.problems {
		fmt.Fprintln(output, problem)
	}
	total := 0
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(report.notChecked)) {
		total += report.notChecked[reason]
		reasons = append(reasons, fmt.Sprintf("%d %s", report.notChecked[reason], reason))
	}
	summary := fmt.Sprintf("%d objects, %d kinds, %d not checked", report.objects, len(report.kinds), total)
	if total > 0 {
		summary += " (" + strings.Join(reasons, "; ") + ")"
	}
	if report.skippedFiles > 0 {
		summary += fmt.Sprintf(", %d files in folders without objects", report.skippedFiles)
	}
	if len(report.problems) > 0 {
		summary += fmt.Sprintf(", %d problems", len(report.problems))
	}
	fmt.Fprintln(output, summary)
}
