// Command applicationset is Argo CD's ApplicationSet controller alone, without the user interface that the one binary
// for all of Argo CD carries.
package main

import (
	"os"

	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-applicationset-controller/commands"
)

func main() {
	if controller.NewCommand().Execute() != nil {
		os.Exit(1)
	}
}
