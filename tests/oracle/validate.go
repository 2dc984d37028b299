package main

import (
	"context"
	"regexp"
	"slices"
	"strings"
	_ "unsafe" // go:linkname asks for it.

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubernetesruntime "k8s.io/apimachinery/pkg/runtime"
	kubernetesfake "k8s.io/client-go/kubernetes/fake"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

// The controller's method is not exported. Linking it by name runs the real one instead of a copy that would age.
//
//go:linkname validateGeneratedApplications github.com/argoproj/argo-cd/v3/applicationset/controllers.(*ApplicationSetReconciler).validateGeneratedApplications
func validateGeneratedApplications(reconciler *controllers.ApplicationSetReconciler, ctx context.Context, applications []v1alpha1.Application, set v1alpha1.ApplicationSet) (map[string]error, error)

// newDatabase is Argo CD's own view of clusters, over a stand-in for the API server that holds the world's Secrets.
func newDatabase(ctx context.Context, world *world) (db.ArgoDB, error) {
	partOf := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	settingsMap := &corev1.ConfigMap{}
	if world.settings != nil {
		settingsMap = world.settings.DeepCopy()
	}
	settingsMap.Name, settingsMap.Namespace, settingsMap.Labels = "argocd-cm", world.namespace, partOf
	serverKey := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: world.namespace, Labels: partOf},
		Data:       map[string][]byte{"server.secretkey": []byte("unused")},
	}
	stored := []kubernetesruntime.Object{settingsMap, serverKey}
	for _, secret := range world.clusterSecrets() {
		stored = append(stored, secret.DeepCopy())
	}
	clientset := kubernetesfake.NewClientset(stored...)
	manager := settings.NewSettingsManager(ctx, clientset, world.namespace)
	// The first call waits until the informer has seen every Secret.
	if _, err := manager.GetClusterInformer(); err != nil {
		return nil, err
	}
	return db.NewDB(world.namespace, manager, clientset), nil
}

// validate adds to each expansion what the controller's validation says: duplicate names, projects, destinations.
func validate(world *world, expansions []expansion) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	database, err := newDatabase(ctx, world)
	if err != nil {
		return err
	}
	reconciler := &controllers.ApplicationSetReconciler{Client: &cache{world: world}, ArgoDB: database, ArgoCDNamespace: world.namespace}
	for index := range expansions {
		expansion := &expansions[index]
		set := v1alpha1.ApplicationSet{ObjectMeta: metav1.ObjectMeta{Name: expansion.Name, Namespace: expansion.Namespace}}
		problems, err := validateGeneratedApplications(reconciler, ctx, asGenerated(expansion.Applications), set)
		if err != nil {
			return err
		}
		for name, problem := range problems {
			if expansion.Validation == nil {
				expansion.Validation = map[string]string{}
			}
			expansion.Validation[name] = inOrder(problem.Error())
		}
	}
	return nil
}

// serversOfOneName is where the servers stand in what Argo CD says of several clusters of one display name.
var serversOfOneName = regexp.MustCompile(`clusters with the same name: \[([^]]*)]`)

// inOrder sorts these servers, which come out of an index of the informer in an order that differs from run to run.
func inOrder(problem string) string {
	return serversOfOneName.ReplaceAllStringFunc(problem, func(found string) string {
		servers := strings.Fields(serversOfOneName.FindStringSubmatch(found)[1])
		slices.Sort(servers)
		return "clusters with the same name: [" + strings.Join(servers, " ") + "]"
	})
}

func asGenerated(applications []application) []v1alpha1.Application {
	generated := make([]v1alpha1.Application, len(applications))
	for index, from := range applications {
		generated[index] = v1alpha1.Application{ObjectMeta: from.Metadata, Spec: from.Spec}
	}
	return generated
}
