package main

import (
	"context"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	argocd "github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/db"
)

// permissions is what Argo CD's own AppProject methods answer. Refusals are of what must be allowed, breaches are
// permissions that nobody should have; both are empty where all is well.
type permissions struct {
	Applications int            `json:"applications"`
	Refusals     []finding      `json:"refusals"`
	Breaches     []finding      `json:"breaches"`
	Projects     []projectFacts `json:"projects"`
}

type finding struct {
	Project     string `json:"project"`
	Application string `json:"application,omitempty"`
	// Check is the method that was asked.
	Check   string `json:"check"`
	Subject string `json:"subject"`
}

func permitCommand(options *options, paths []string, output io.Writer) error {
	world, err := readWorld(options.namespace, paths)
	if err != nil {
		return err
	}
	answer, err := expand(world, options)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	database, err := newDatabase(ctx, world)
	if err != nil {
		return err
	}
	asked := &permissionQuestions{ctx: ctx, world: world, database: database, options: options}
	if err := asked.askAll(answer); err != nil {
		return err
	}
	if err := printJSON(output, asked.answer); err != nil {
		return err
	}
	if len(asked.answer.Refusals)+len(asked.answer.Breaches) > 0 {
		return errRejected
	}
	return nil
}

type permissionQuestions struct {
	ctx      context.Context
	world    *world
	database db.ArgoDB
	options  *options
	answer   permissions
}

func (asked *permissionQuestions) askAll(answer *expansions) error {
	asked.answer = permissions{Refusals: []finding{}, Breaches: []finding{}, Projects: []projectFacts{}}
	for _, application := range asked.world.applications {
		if err := asked.askApplication(&application); err != nil {
			return err
		}
	}
	for _, set := range answer.Sets {
		for _, application := range asGenerated(set.Applications) {
			application.Namespace = set.Namespace
			if err := asked.askApplication(&application); err != nil {
				return err
			}
		}
	}
	return asked.askProjects()
}

// project knows the project `default` too: Argo CD makes it at its first start, and it allows everything.
func (asked *permissionQuestions) project(name string) *v1alpha1.AppProject {
	if found := asked.world.project(asked.world.namespace, name); found != nil || name != v1alpha1.DefaultAppProjectName {
		return found
	}
	return &v1alpha1.AppProject{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: asked.world.namespace},
		Spec: v1alpha1.AppProjectSpec{
			SourceRepos:              []string{"*"},
			Destinations:             []v1alpha1.ApplicationDestination{{Server: "*", Namespace: "*"}},
			ClusterResourceWhitelist: []v1alpha1.ClusterResourceRestrictionItem{{Group: "*", Kind: "*"}},
		},
	}
}

func (asked *permissionQuestions) refuse(application *v1alpha1.Application, check, format string, values ...any) {
	asked.answer.Refusals = append(asked.answer.Refusals, finding{
		application.Spec.Project, application.Name, check, fmt.Sprintf(format, values...),
	})
}

// askApplication asks each method by itself, so that every refusal is named, and then ValidatePermissions, which is
// what the application controller calls and which stops at the first.
func (asked *permissionQuestions) askApplication(application *v1alpha1.Application) error {
	asked.answer.Applications++
	project := asked.project(application.Spec.Project)
	if project == nil {
		asked.refuse(application, "project", "does not exist")
		return nil
	}
	if !project.IsAppNamespacePermitted(application, asked.world.namespace) {
		asked.refuse(application, "IsAppNamespacePermitted", "%s", application.Namespace)
	}
	for _, source := range application.Spec.GetSources() {
		if !project.IsSourcePermitted(source) {
			asked.refuse(application, "IsSourcePermitted", "%s", source.RepoURL)
		}
	}
	if err := asked.askDestination(application, project); err != nil {
		return err
	}
	conditions, err := argocd.ValidatePermissions(asked.ctx, &application.Spec, project, asked.database)
	for _, condition := range conditions {
		asked.refuse(application, "ValidatePermissions", "%s", condition.Message)
	}
	return err
}

func (asked *permissionQuestions) askDestination(application *v1alpha1.Application, project *v1alpha1.AppProject) error {
	destination := application.Spec.Destination
	cluster, err := argocd.GetDestinationCluster(asked.ctx, destination, asked.database)
	if err != nil {
		asked.refuse(application, "GetDestinationCluster", "%s", err)
		return nil
	}
	permitted, err := project.IsDestinationPermitted(cluster, destination.Namespace, asked.projectClusters)
	if !permitted {
		asked.refuse(application, "IsDestinationPermitted", "%s, namespace %s", cluster.Name, destination.Namespace)
	}
	return err
}

func (asked *permissionQuestions) projectClusters(project string) ([]*v1alpha1.Cluster, error) {
	return asked.database.GetProjectClusters(asked.ctx, project)
}
