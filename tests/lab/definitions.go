package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

var definitionResource = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

// provider is a Cluster API manager: the program, and the `config` folder of its source with CRDs and webhooks.
type provider struct {
	program, config string
	// webhookPort is where its manager listens.
	webhookPort int
}

// installDefinitions applies all CRDs of the folders and waits until the API server serves them.
func (server *server) installDefinitions(ctx context.Context, folders []string) error {
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
				return err
			}
			return server.installFile(ctx, file, func(*unstructured.Unstructured) {})
		})
		if err != nil {
			return err
		}
	}
	return server.awaitDefinitions(ctx)
}

// installFile applies the CRDs of a file and passes over other kinds, such as a kustomization.
func (server *server) installFile(ctx context.Context, file string, adapt func(*unstructured.Unstructured)) error {
	objects, err := readObjects(file)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if object.GetKind() != "CustomResourceDefinition" {
			continue
		}
		adapt(object.Unstructured)
		if _, err := server.apply(ctx, object.Unstructured); err != nil {
			return fmt.Errorf("%s: %w", object, err)
		}
	}
	return nil
}

func (server *server) awaitDefinitions(ctx context.Context) error {
	err := server.await(ctx, time.Minute, func() error {
		list, err := server.dynamic.Resource(definitionResource).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, crd := range list.Items {
			if conditionStatus(&crd, "Established") != "True" {
				return fmt.Errorf("CRD %s is not established", crd.GetName())
			}
		}
		return nil
	})
	server.mapper.Reset()
	return err
}

// kustomization is what of a provider's config/crd/kustomization.yaml decides how its CRDs are installed.
type kustomization struct {
	Resources []string `json:"resources"`
	Labels    []struct {
		Pairs map[string]string `json:"pairs"`
	} `json:"labels"`
	Patches []struct {
		Path string `json:"path"`
	} `json:"patches"`
}

// installProvider does what the provider's kustomizations and cert-manager do in a cluster: contract labels (references
// carry no version, so the managers look it up there), conversion webhooks, admission webhooks; all on loopback.
func (server *server) installProvider(ctx context.Context, provider provider) error {
	folder := filepath.Join(provider.config, "crd")
	content, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
	if err != nil {
		return err
	}
	var kustomization kustomization
	if err := yaml.Unmarshal(content, &kustomization); err != nil {
		return err
	}
	converted, err := convertedDefinitions(folder, kustomization)
	if err != nil {
		return err
	}
	adapt := func(crd *unstructured.Unstructured) {
		labels := maps.Clone(crd.GetLabels())
		if labels == nil {
			labels = map[string]string{}
		}
		for _, label := range kustomization.Labels {
			maps.Copy(labels, label.Pairs)
		}
		crd.SetLabels(labels)
		if converted[crd.GetName()] {
			crd.Object["spec"].(map[string]any)["conversion"] = map[string]any{"strategy": "Webhook", "webhook": map[string]any{
				"conversionReviewVersions": []any{"v1"}, "clientConfig": server.webhook(provider, "/convert"),
			}}
		}
	}
	for _, resource := range kustomization.Resources {
		if err := server.installFile(ctx, filepath.Join(folder, resource), adapt); err != nil {
			return err
		}
	}
	return server.installWebhooks(ctx, provider)
}

func convertedDefinitions(folder string, kustomization kustomization) (map[string]bool, error) {
	names := map[string]bool{}
	for _, patch := range kustomization.Patches {
		objects, err := readObjects(filepath.Join(folder, patch.Path))
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			names[object.GetName()] = true
		}
	}
	return names, nil
}

func (server *server) webhook(provider provider, path string) map[string]any {
	return map[string]any{
		"url":      fmt.Sprintf("https://127.0.0.1:%d%s", provider.webhookPort, path),
		"caBundle": base64.StdEncoding.EncodeToString(server.authority.pem),
	}
}

func (server *server) installWebhooks(ctx context.Context, provider provider) error {
	objects, err := readObjects(filepath.Join(provider.config, "webhook", "manifests.yaml"))
	if err != nil {
		return err
	}
	for _, object := range objects {
		// All providers call theirs by the same name.
		object.SetName(provider.program + "-" + object.GetName())
		webhooks, _, err := unstructured.NestedSlice(object.Object, "webhooks")
		if err != nil {
			return err
		}
		for _, webhook := range webhooks {
			fields := webhook.(map[string]any)
			path, _, err := unstructured.NestedString(fields, "clientConfig", "service", "path")
			if err != nil {
				return err
			}
			fields["clientConfig"] = server.webhook(provider, path)
		}
		object.Object["webhooks"] = webhooks
		if _, err := server.apply(ctx, object.Unstructured); err != nil {
			return fmt.Errorf("%s: %w", object, err)
		}
	}
	return nil
}

// conditionStatus returns "" where the object has no such condition yet.
func conditionStatus(object *unstructured.Unstructured, kind string) string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, condition := range conditions {
		if fields, _ := condition.(map[string]any); fields["type"] == kind {
			status, _ := fields["status"].(string)
			return status
		}
	}
	return ""
}
