package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// coverage compares the Applications that Argo CD makes with those that the labels of the cluster Secrets enable.
type coverage struct {
	Clusters     int `json:"clusters"`
	Applications int `json:"applications"`
	// Problems are sentences, sorted; empty where there is exactly one right Application for each.
	Problems []string `json:"problems"`
}

func coverCommand(options *options, paths []string, output io.Writer) error {
	if options.labelDomain == "" {
		return errors.New("cover needs --label-domain")
	}
	world, err := readWorld(options.namespace, paths)
	if err != nil {
		return err
	}
	answer, err := expand(world, options)
	if err != nil {
		return err
	}
	covered := cover(world, answer, options)
	if err := printJSON(output, covered); err != nil {
		return err
	}
	if len(covered.Problems) > 0 {
		return errRejected
	}
	return nil
}

func cover(world *world, answer *expansions, options *options) coverage {
	wanted := wantedApplications(world, options)
	result := coverage{Clusters: len(world.clusterSecrets()), Applications: len(wanted), Problems: []string{}}
	complain := func(format string, values ...any) {
		result.Problems = append(result.Problems, fmt.Sprintf(format, values...))
	}
	made := map[string]bool{}
	for _, set := range answer.Sets {
		if set.isFaulty() {
			complain("ApplicationSet %s: %s", set.Name, printed(set.withoutApplications()))
		}
		for _, application := range set.Applications {
			name := application.Metadata.Name
			want, isWanted := wanted[name]
			switch {
			case made[name]:
				complain("Application %s is made twice", name)
			case !isWanted:
				complain("Application %s is made by %s, no cluster Secret enables it", name, set.Name)
			default:
				for _, difference := range want.differences(application, options) {
					complain("Application %s: %s", name, difference)
				}
			}
			made[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if !made[name] {
			complain("Application %s is enabled by Secret %s and not made", name, wanted[name].secret.Name)
		}
	}
	slices.Sort(result.Problems)
	return result
}

// wantedApplication is an addon that a cluster Secret enables.
type wantedApplication struct {
	addon  string
	secret corev1.Secret
}

// wantedApplications are keyed by their names, `<addon>-<normalised cluster name>`. A Secret that Argo CD is told to
// leave alone still has its Applications.
func wantedApplications(world *world, options *options) map[string]wantedApplication {
	wanted := map[string]wantedApplication{}
	prefix := "addons." + options.labelDomain + "/"
	for _, secret := range world.clusterSecrets() {
		cluster := utils.SanitizeName(string(secret.Data["name"]))
		for label, value := range secret.Labels {
			addon, isAddon := strings.CutPrefix(label, prefix)
			if isAddon && value == "true" {
				wanted[addon+"-"+cluster] = wantedApplication{addon, secret}
			}
		}
	}
	return wanted
}

// differences are from what PRODUCT.md promises of every Application, whatever the addon.
func (want wantedApplication) differences(made application, options *options) []string {
	var differences []string
	expect := func(what, found, expected string) {
		if found != expected {
			differences = append(differences, fmt.Sprintf("%s is `%s`, expected `%s`", what, found, expected))
		}
	}
	domain := options.labelDomain
	expect("label addon", made.Metadata.Labels[domain+"/addon"], want.addon)
	expect("label cluster", made.Metadata.Labels[domain+"/cluster"], want.secret.Labels[domain+"/cluster"])
	expect("project", made.Spec.Project, want.secret.Labels[domain+"/project"]+options.platformSuffix)
	destination := made.Spec.Destination
	if destination.Server == v1alpha1.KubernetesInternalAPIServerAddr {
		expect("namespace", destination.Namespace, want.secret.Annotations[domain+"/namespace"])
	} else {
		expect("destination", destination.Name, string(want.secret.Data["name"]))
		expect("server of the destination", destination.Server, "")
	}
	return differences
}
