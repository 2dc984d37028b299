// Command oracle says what Argo CD makes of ApplicationSets, cluster Secrets and AppProjects: it runs Argo CD's own
// packages over files, without a cluster and without a network.
//
// It must not decide anything itself. Where Argo CD's code cannot run here (generators that ask a server), it refuses
// by name.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	log "github.com/sirupsen/logrus"
)

const usage = `usage: oracle COMMAND [flags] FILE-OR-FOLDER...

  expand        the Applications of each ApplicationSet, its error, and what the controller's validation says
  applications  the Applications of all ApplicationSets, one a line, for recordings; folders as NAME=FOLDER
  cover         whether each cluster Secret has exactly the Applications that its labels enable
  permit        whether the AppProjects allow each Application, and what else they allow
  record        the answers to files of cases, each beside its file; --check compares with what stands there
  batch         an answer to each line {input, repositories?: {URL: {PATH: CONTENT}}, repeat?, unvalidated?, newGlobbing?} of standard input

JSON goes to standard output. Exit 0: fine. Exit 1: an answer that --strict, --check, cover or permit does not accept.
Exit 2: the oracle itself could not run.
`

// errRejected ends a command whose answer was printed and is not acceptable.
var errRejected = errors.New("rejected")

type command func(options *options, paths []string, output io.Writer) error

var commands = map[string]command{
	"expand": expandCommand, "applications": applicationsCommand, "cover": coverCommand, "permit": permitCommand,
	"record": recordCommand, "batch": batchCommand,
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(arguments []string, output, talk io.Writer) int {
	// Argo CD's packages log what they do; the answer has it all.
	log.SetOutput(io.Discard)
	log.SetLevel(log.PanicLevel)
	// Argo CD's image sets no time zone.
	time.Local = time.UTC
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		fmt.Fprint(talk, usage)
		return 2
	}
	options, paths, err := parse(arguments, talk)
	if err != nil {
		return 2
	}
	buffered := bufio.NewWriter(output)
	err = errors.Join(commands[arguments[0]](options, paths, buffered), buffered.Flush())
	switch {
	case errors.Is(err, errRejected):
		return 1
	case err != nil:
		fmt.Fprintln(talk, "oracle:", err)
		return 2
	}
	return 0
}

type options struct {
	namespace string
	// checkouts maps the URL of a repository to the folder that stands in for it at every revision.
	checkouts   map[string]string
	newGlobbing bool
	repeat      int
	// untilRandom ends the repetitions as soon as two outcomes differ.
	untilRandom    bool
	validate       bool
	strict         bool
	check          bool
	labelDomain    string
	platformSuffix string
}

func parse(arguments []string, talk io.Writer) (*options, []string, error) {
	chosen := &options{checkouts: map[string]string{}}
	flags := flag.NewFlagSet("oracle "+arguments[0], flag.ContinueOnError)
	flags.SetOutput(talk)
	flags.StringVar(&chosen.namespace, "namespace", "argocd", "Argo CD's namespace, and that of documents without one")
	flags.Func("repo", "`URL=FOLDER`: what the git generator finds at the URL, at any revision (repeatable)", chosen.addCheckout)
	flags.BoolVar(&chosen.newGlobbing, "new-globbing", false, "list files as a controller with --enable-new-git-file-globbing")
	flags.IntVar(&chosen.repeat, "repeat", 1, "expand so often with the Secrets shuffled, and report outcomes that differ")
	flags.BoolVar(&chosen.validate, "validate", true, "run the controller's validation of each Application")
	flags.BoolVar(&chosen.strict, "strict", false, "expand: exit 1 where a set has an error, an invalid Application or an unknown field")
	flags.BoolVar(&chosen.check, "check", false, "record: write nothing, and exit 1 where an answer is not the recorded one")
	flags.StringVar(&chosen.labelDomain, "label-domain", "", "cover, permit: the fleet's `labelDomain`")
	flags.StringVar(&chosen.platformSuffix, "platform-suffix", "-platform", "permit: how the names of projects for addons end")
	if err := flags.Parse(arguments[1:]); err != nil {
		return nil, nil, err
	}
	if flags.NArg() == 0 && arguments[0] != "batch" {
		fmt.Fprint(talk, usage)
		return nil, nil, flag.ErrHelp
	}
	return chosen, flags.Args(), nil
}

func (options *options) addCheckout(text string) error {
	// The URL may hold `=` itself, the folder may not.
	split := strings.LastIndex(text, "=")
	if split < 0 {
		return fmt.Errorf("expected URL=FOLDER, found %q", text)
	}
	options.checkouts[text[:split]] = text[split+1:]
	return nil
}

func printJSON(output io.Writer, answer any) error {
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(answer)
}
