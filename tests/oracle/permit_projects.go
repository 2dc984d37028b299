package main

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// projectFacts is what one AppProject allows, for the reader of a recording.
type projectFacts struct {
	Name string `json:"name"`
	// ClusterKinds are those of the asked cluster-scoped kinds that it may make.
	ClusterKinds []string `json:"clusterKinds"`
	// Clusters are the names of the cluster Secrets it may write to, in the namespace kube-system.
	Clusters []string `json:"clusters"`
	// ManagementNamespaces are those of the asked namespaces that it may write to on the management cluster.
	ManagementNamespaces []string `json:"managementNamespaces"`
}

var (
	clusterRoleBinding = schema.GroupKind{Group: "rbac.authorization.k8s.io", Kind: "ClusterRoleBinding"}
	// platformKinds are what common charts bring; without them an addon cannot be installed.
	platformKinds = []schema.GroupKind{
		{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"},
		{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"},
		{Group: "", Kind: "Namespace"},
	}
)

// askProjects goes through the projects in the order of their names.
func (asked *permissionQuestions) askProjects() error {
	projects := make([]*v1alpha1.AppProject, 0, len(asked.world.projects))
	for _, project := range asked.world.projects {
		projects = append(projects, project)
	}
	slices.SortFunc(projects, func(left, right *v1alpha1.AppProject) int { return cmp.Compare(left.Name, right.Name) })
	namespaces := asked.managementNamespaces(projects)
	for _, project := range projects {
		facts := projectFacts{project.Name, allowedKinds(project), []string{}, []string{}}
		if err := asked.askClusters(project, &facts); err != nil {
			return err
		}
		if err := asked.askManagement(project, namespaces, &facts); err != nil {
			return err
		}
		asked.judgeKinds(project, facts)
		asked.answer.Projects = append(asked.answer.Projects, facts)
	}
	return nil
}

// managementNamespaces are the namespaces somebody might want to break into: Argo CD's, the system's, each tenant's.
func (asked *permissionQuestions) managementNamespaces(projects []*v1alpha1.AppProject) []string {
	namespaces := []string{asked.world.namespace, "kube-system", "default"}
	for _, project := range projects {
		namespaces = append(namespaces, asked.tenant(project))
	}
	slices.Sort(namespaces)
	return slices.Compact(namespaces)
}

func (asked *permissionQuestions) tenant(project *v1alpha1.AppProject) string {
	return strings.TrimSuffix(project.Name, asked.options.platformSuffix)
}

func (asked *permissionQuestions) isPlatform(project *v1alpha1.AppProject) bool {
	return strings.HasSuffix(project.Name, asked.options.platformSuffix)
}

func allowedKinds(project *v1alpha1.AppProject) []string {
	allowed := []string{}
	for _, kind := range append(slices.Clone(platformKinds), clusterRoleBinding) {
		if project.IsGroupKindNamePermitted(kind, "any", false) {
			allowed = append(allowed, kind.String())
		}
	}
	return allowed
}

// askClusters finds projects that reach a cluster of another tenant. Whose cluster it is stands in a label of its
// Secret, so this needs the fleet's label domain.
func (asked *permissionQuestions) askClusters(project *v1alpha1.AppProject, facts *projectFacts) error {
	for _, secret := range asked.world.clusterSecrets() {
		name := string(secret.Data["name"])
		cluster := &v1alpha1.Cluster{Name: name, Server: string(secret.Data["server"])}
		permitted, err := project.IsDestinationPermitted(cluster, "kube-system", asked.projectClusters)
		if err != nil {
			return err
		}
		owner := secret.Labels[asked.options.labelDomain+"/project"]
		if permitted {
			facts.Clusters = append(facts.Clusters, name)
		}
		if asked.options.labelDomain == "" {
			continue
		}
		if permitted && owner != asked.tenant(project) {
			asked.breach(project, "IsDestinationPermitted", "cluster "+name+" of "+owner)
		}
		if !permitted && owner == asked.tenant(project) && asked.isPlatform(project) {
			asked.answer.Refusals = append(asked.answer.Refusals, finding{project.Name, "", "IsDestinationPermitted", "cluster " + name})
		}
	}
	slices.Sort(facts.Clusters)
	return nil
}

// askManagement finds projects that could write to Argo CD's own namespace, where an Application is power over
// everything, or to the namespace of another tenant, where the kubeconfigs of its clusters lie.
func (asked *permissionQuestions) askManagement(project *v1alpha1.AppProject, namespaces []string, facts *projectFacts) error {
	management := &v1alpha1.Cluster{Name: v1alpha1.KubernetesInClusterName, Server: v1alpha1.KubernetesInternalAPIServerAddr}
	for _, namespace := range namespaces {
		permitted, err := project.IsDestinationPermitted(management, namespace, asked.projectClusters)
		if err != nil {
			return err
		}
		if !permitted {
			continue
		}
		facts.ManagementNamespaces = append(facts.ManagementNamespaces, namespace)
		isForeign := namespace == asked.world.namespace || asked.isTenant(namespace) && namespace != asked.tenant(project)
		if isForeign || !asked.isPlatform(project) {
			asked.breach(project, "IsDestinationPermitted", "management cluster, namespace "+namespace)
		}
	}
	return nil
}

func (asked *permissionQuestions) isTenant(namespace string) bool {
	for _, project := range asked.world.projects {
		if asked.tenant(project) == namespace {
			return true
		}
	}
	return false
}

// judgeKinds: an addon's project makes every kind that charts bring; a tenant's own never binds cluster roles on the
// management cluster.
func (asked *permissionQuestions) judgeKinds(project *v1alpha1.AppProject, facts projectFacts) {
	if asked.isPlatform(project) {
		for _, kind := range platformKinds {
			if !slices.Contains(facts.ClusterKinds, kind.String()) {
				asked.answer.Refusals = append(asked.answer.Refusals, finding{project.Name, "", "IsGroupKindNamePermitted", kind.String()})
			}
		}
		return
	}
	if len(facts.ManagementNamespaces) > 0 && slices.Contains(facts.ClusterKinds, clusterRoleBinding.String()) {
		asked.breach(project, "IsGroupKindNamePermitted", clusterRoleBinding.String()+" on the management cluster")
	}
}

func (asked *permissionQuestions) breach(project *v1alpha1.AppProject, check, subject string) {
	asked.answer.Breaches = append(asked.answer.Breaches, finding{project.Name, "", check, subject})
}
