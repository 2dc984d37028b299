package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// cache answers the reads that expansion makes as the controller's informer cache does: copies of what matches. Every
// other call of client.Client would panic on the nil interface, which is what we want: expansion must not write.
type cache struct {
	client.Client
	world *world
	// shuffled lists Secrets in another order each time, as the map inside the informer cache may.
	shuffled bool
}

func (cache *cache) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	secrets, isSecrets := list.(*corev1.SecretList)
	if !isSecrets {
		return fmt.Errorf("oracle: nobody should list %T here", list)
	}
	var query client.ListOptions
	query.ApplyOptions(options)
	for _, secret := range cache.world.secrets {
		inNamespace := query.Namespace == "" || secret.Namespace == query.Namespace
		if inNamespace && (query.LabelSelector == nil || query.LabelSelector.Matches(labels.Set(secret.Labels))) {
			secrets.Items = append(secrets.Items, *secret.DeepCopy())
		}
	}
	if cache.shuffled {
		rand.Shuffle(len(secrets.Items), func(left, right int) {
			secrets.Items[left], secrets.Items[right] = secrets.Items[right], secrets.Items[left]
		})
	}
	return nil
}

func (cache *cache) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch into := into.(type) {
	case *v1alpha1.AppProject:
		if project := cache.world.project(key.Namespace, key.Name); project != nil {
			project.DeepCopyInto(into)
			return nil
		}
		// The cached client puts the kind where the API server has the resource, so the message reads `AppProject.argoproj.io`.
		return notFound("argoproj.io", "AppProject", key)
	case *corev1.Secret:
		for _, secret := range cache.world.secrets {
			if secret.Namespace == key.Namespace && secret.Name == key.Name {
				secret.DeepCopyInto(into)
				return nil
			}
		}
		return notFound("", "secrets", key)
	case *corev1.ConfigMap:
		return notFound("", "configmaps", key)
	}
	return fmt.Errorf("oracle: nobody should read %T here", into)
}

func notFound(group, resource string, key client.ObjectKey) error {
	return apierrors.NewNotFound(schema.GroupResource{Group: group, Resource: resource}, key.Name)
}
