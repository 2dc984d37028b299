package main

import (
	"encoding/json"
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// permissionCase is an AppProject and what it permits; the library answers the same in argocd/permission.rs.
type permissionCase struct {
	About        string                  `json:"about"`
	Spec         v1alpha1.AppProjectSpec `json:"spec"`
	Sources      map[string]bool         `json:"sources"`
	Destinations [][4]any                `json:"destinations"`
	Kinds        [][3]any                `json:"kinds"`
}

func TestRecordedPermissionsAreWhatArgoCDSays(t *testing.T) {
	text, err := os.ReadFile("../recorded/permissions.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []permissionCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, one := range cases {
		t.Run(one.About, func(t *testing.T) {
			project := v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "argocd"}, Spec: one.Spec}
			for url, expected := range one.Sources {
				if found := project.IsSourcePermitted(v1alpha1.ApplicationSource{RepoURL: url}); found != expected {
					t.Errorf("source %s: %v", url, found)
				}
			}
			for _, asked := range one.Destinations {
				cluster := &v1alpha1.Cluster{Name: asked[0].(string), Server: asked[1].(string)}
				found, err := project.IsDestinationPermitted(cluster, asked[2].(string), nil)
				if err != nil || found != asked[3].(bool) {
					t.Errorf("destination %v: %v %v", asked, found, err)
				}
			}
			for _, asked := range one.Kinds {
				kind := schema.GroupKind{Group: asked[0].(string), Kind: asked[1].(string)}
				if found := project.IsGroupKindNamePermitted(kind, "x", false); found != asked[2].(bool) {
					t.Errorf("kind %v: %v", asked, found)
				}
			}
		})
	}
}
