// Command crdcheck judges Kubernetes objects as an API server would that has the CustomResourceDefinitions of the
// providers yoshino writes for: served version, unknown fields, defaulting, schema, list keys and validation rules.
//
// It must not need a cluster, and must never pass over an object in silence: what it cannot judge is counted and named.
// Admission webhooks are not part of it; the Cluster API managers of tests/apiserver cover those.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = `usage: crdcheck [flags] FILE-OR-FOLDER...

Prints one line for each problem, "file: kind/name: field: message", and at the end what was counted.
Exit 0: no problem. Exit 1: problems. Exit 2: crdcheck itself could not run.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

type settings struct {
	definitions     []string
	withModules     bool
	printFolders    bool
	bundle          string
	skipFolders     []string
	unchecked       []exemption
	objectsToExpect int
}

func run(arguments []string, output, talk io.Writer) int {
	settings, paths, err := parse(arguments, talk)
	if err != nil {
		return 2
	}
	if settings.printFolders {
		return printFolders(output, talk)
	}
	if settings.bundle != "" {
		if err := writeBundle(settings.bundle, paths[0]); err != nil {
			fmt.Fprintln(talk, "crdcheck:", err)
			return 2
		}
		return 0
	}
	report, err := check(settings, paths)
	if err != nil {
		fmt.Fprintln(talk, "crdcheck:", err)
		return 2
	}
	report.print(output)
	if report.objects < settings.objectsToExpect {
		fmt.Fprintf(output, "crdcheck: %d objects, at least %d expected\n", report.objects, settings.objectsToExpect)
		return 1
	}
	if len(report.problems) > 0 {
		return 1
	}
	return 0
}

func parse(arguments []string, talk io.Writer) (settings, []string, error) {
	var chosen settings
	flags := flag.NewFlagSet("crdcheck", flag.ContinueOnError)
	flags.SetOutput(talk)
	flags.Usage = func() { fmt.Fprint(talk, usage); flags.PrintDefaults() }
	flags.BoolVar(&chosen.withModules, "modules", true, "take the CRDs of Cluster API, its Dev provider, the AWS provider and Argo CD from their Go modules")
	flags.Func("crds", "`folder` or file with further CRDs (repeatable)", collect(&chosen.definitions))
	flags.Func("skip-folder", "`name` of folders that hold no Kubernetes objects; their files are counted (repeatable)", collect(&chosen.skipFolders))
	flags.Func("unchecked", "`GROUP/KIND=reason`: a kind without CRD here, counted instead of refused; the kind may be a glob (repeatable)", func(text string) error {
		exempt, err := parseExemption(text)
		chosen.unchecked = append(chosen.unchecked, exempt)
		return err
	})
	flags.IntVar(&chosen.objectsToExpect, "at-least", 1, "fewer objects than this are a problem: a wrong folder must not look like success")
	flags.BoolVar(&chosen.printFolders, "print-folders", false, "print the folders of the modules' CRDs, one a line, and do nothing else")
	flags.StringVar(&chosen.bundle, "bundle", "", "write the schemas that yoshino has into this `file`, with the CRDs of the OpenStack provider's v1beta2 from FOLDER, and do nothing else")
	if err := flags.Parse(arguments); err != nil {
		return chosen, nil, err
	}
	if flags.NArg() == 0 && !chosen.printFolders {
		flags.Usage()
		return chosen, nil, flag.ErrHelp
	}
	return chosen, flags.Args(), nil
}

// printFolders is for tests that give the same CRDs to a real API server.
func printFolders(output, talk io.Writer) int {
	folders, err := moduleFolders(modules)
	if err != nil {
		fmt.Fprintln(talk, "crdcheck:", err)
		return 2
	}
	for _, folder := range folders {
		fmt.Fprintln(output, folder)
	}
	return 0
}

func collect(into *[]string) func(string) error {
	return func(text string) error {
		*into = append(*into, text)
		return nil
	}
}

// check reads the definitions first, since every object is judged against all of them.
func check(chosen settings, paths []string) (*report, error) {
	folders := chosen.definitions
	if chosen.withModules {
		fromModules, err := moduleFolders(modules)
		if err != nil {
			return nil, err
		}
		folders = append(fromModules, folders...)
	}
	definitions, err := loadDefinitions(folders)
	if err != nil {
		return nil, err
	}
	judge := judge{definitions: definitions, builtin: newBuiltinKinds(), unchecked: append(chosen.unchecked, alwaysUnchecked...)}
	report := newReport()
	err = eachDocument(paths, chosen.skipFolders, report, func(document document) {
		judge.judge(document, report)
	})
	return report, err
}
