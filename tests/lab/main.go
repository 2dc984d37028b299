// Command lab applies rendered trees to a real API server, and where asked lets the real controllers work on them.
//
// It starts what it needs on the loopback interface, ends it again, and keeps nothing but logs. It must not know what
// yoshino renders: it knows Kubernetes, Cluster API and Argo CD.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const usage = `usage: lab apply|run [flags] TREE

  apply   applies every object of TREE to kube-apiserver, twice; the second time must change nothing
  run     applies TREE with the Cluster API managers and Argo CD's ApplicationSet controller at work, and waits until the
          Applications are made and the in-memory clusters have come up

Exit 0: fine. Exit 1: the API server refused an object, or something did not come up. Exit 2: the lab could not start.
`

// errRejected ends a command that printed what is wrong.
var errRejected = errors.New("rejected")

type settings struct {
	programs    string
	definitions []string
	providers   []provider
	namespace   string
	expected    string
	management  string
	unserved    []string
	logs        string
	patience    time.Duration
}

// The kernel ends our programs when the thread that started them ends. This one lives as long as the lab.
func init() { runtime.LockOSThread() }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command, chosen, tree, err := parse(os.Args[1:])
	if err == nil {
		err = command(ctx, chosen, tree)
	}
	switch {
	case errors.Is(err, errRejected):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(2)
	}
}

type command func(ctx context.Context, chosen settings, tree string) error

func parse(arguments []string) (command, settings, string, error) {
	commands := map[string]command{"apply": applyCommand, "run": runCommand}
	var chosen settings
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		return nil, chosen, "", errors.New(usage)
	}
	flags := flag.NewFlagSet("lab "+arguments[0], flag.ContinueOnError)
	flags.StringVar(&chosen.programs, "programs", "", "`folder` of etcd, kube-apiserver and the controllers")
	flags.StringVar(&chosen.logs, "logs", "", "`folder` for logs and state; emptied first")
	flags.StringVar(&chosen.namespace, "namespace", "argocd", "Argo CD's namespace")
	flags.StringVar(&chosen.expected, "expected", "", "run: recorded Applications of all management clusters")
	flags.StringVar(&chosen.management, "management", "", "run: whose Applications of them")
	flags.DurationVar(&chosen.patience, "patience", 5*time.Minute, "run: how long something may take to come up")
	flags.Func("crds", "`folder` of CRDs that are installed as they are (repeatable)", func(text string) error {
		chosen.definitions = append(chosen.definitions, text)
		return nil
	})
	flags.Func("unserved", "`GROUP/KIND` without CRD here, counted instead of applied; the kind may be a glob (repeatable)", func(text string) error {
		chosen.unserved = append(chosen.unserved, text)
		_, err := path.Match(text, "")
		return err
	})
	flags.Func("provider", "run: `PROGRAM=FOLDER` of a Cluster API provider with its config folder (repeatable)", func(text string) error {
		program, folder, named := strings.Cut(text, "=")
		chosen.providers = append(chosen.providers, provider{program: program, config: folder})
		if !named {
			return fmt.Errorf("expected PROGRAM=FOLDER, found %q", text)
		}
		return nil
	})
	if err := flags.Parse(arguments[1:]); err != nil {
		return nil, chosen, "", err
	}
	if flags.NArg() != 1 || chosen.programs == "" || chosen.logs == "" {
		return nil, chosen, "", errors.New(usage)
	}
	return commands[arguments[0]], chosen, flags.Arg(0), nil
}
