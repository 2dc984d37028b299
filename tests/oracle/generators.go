package main

import (
	"fmt"
	"maps"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// newGenerators nests as Argo CD's GetGenerators does: matrix and merge may hold one further level of themselves.
func newGenerators(cache client.Client, options *options) map[string]generators.Generator {
	repositories := &checkouts{folders: options.checkouts, newGlobbing: options.newGlobbing}
	terminal := map[string]generators.Generator{
		"List":     generators.NewListGenerator(),
		"Clusters": generators.NewClusterGenerator(cache, options.namespace),
		"Git":      generators.NewGitGenerator(repositories, options.namespace),
		"SCMProvider": refusal{"scmProvider", func(from *v1alpha1.ApplicationSetGenerator) *v1alpha1.ApplicationSetTemplate {
			return &from.SCMProvider.Template
		}},
		"PullRequest": refusal{"pullRequest", func(from *v1alpha1.ApplicationSetGenerator) *v1alpha1.ApplicationSetTemplate {
			return &from.PullRequest.Template
		}},
		"Plugin": refusal{"plugin", func(from *v1alpha1.ApplicationSetGenerator) *v1alpha1.ApplicationSetTemplate {
			return &from.Plugin.Template
		}},
		"ClusterDecisionResource": refusal{"clusterDecisionResource", func(from *v1alpha1.ApplicationSetGenerator) *v1alpha1.ApplicationSetTemplate {
			return &from.ClusterDecisionResource.Template
		}},
	}
	return combining(combining(terminal, terminal), terminal)
}

// combining adds matrix and merge over `inner` to the terminal generators.
func combining(inner, terminal map[string]generators.Generator) map[string]generators.Generator {
	level := maps.Clone(terminal)
	level["Matrix"] = generators.NewMatrixGenerator(inner)
	level["Merge"] = generators.NewMergeGenerator(inner)
	return level
}

// refusal stands where a generator would ask a server for its parameters.
type refusal struct {
	name     string
	template func(*v1alpha1.ApplicationSetGenerator) *v1alpha1.ApplicationSetTemplate
}

func (refusal refusal) GenerateParams(*v1alpha1.ApplicationSetGenerator, *v1alpha1.ApplicationSet, client.Client) ([]map[string]any, error) {
	return nil, fmt.Errorf("oracle: generator %s is not supported offline", refusal.name)
}

func (refusal refusal) GetRequeueAfter(*v1alpha1.ApplicationSetGenerator) time.Duration {
	return generators.NoRequeueAfter
}

func (refusal refusal) GetTemplate(generator *v1alpha1.ApplicationSetGenerator) *v1alpha1.ApplicationSetTemplate {
	return refusal.template(generator)
}
