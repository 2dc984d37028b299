package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubernetesyaml "k8s.io/apimachinery/pkg/util/yaml"
	kubernetesjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// applicationSet is a set as the API server stores it, with what its strict decoding found.
type applicationSet struct {
	set           v1alpha1.ApplicationSet
	unknownFields []string
	// refusal is why the set cannot be decoded at all; empty where it can.
	refusal string
}

// world is what the controller finds in its cluster.
type world struct {
	namespace    string
	sets         []applicationSet
	applications []v1alpha1.Application
	secrets      []corev1.Secret
	// projects is nil where the input has none: then every project exists.
	projects map[string]*v1alpha1.AppProject
	settings *corev1.ConfigMap
}

// readWorld takes from files and folders the kinds that matter to Argo CD and passes over all others.
func readWorld(namespace string, paths []string) (*world, error) {
	world := &world{namespace: namespace}
	for _, path := range paths {
		if path == "-" {
			content, err := io.ReadAll(os.Stdin)
			if err = errors.Join(err, world.addStream("standard input", content)); err != nil {
				return nil, err
			}
			continue
		}
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
				return err
			}
			content, err := os.ReadFile(file)
			return errors.Join(err, world.addStream(file, content))
		})
		if err != nil {
			return nil, err
		}
	}
	return world, nil
}

func (world *world) addStream(file string, content []byte) error {
	reader := kubernetesyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for number := 1; ; number++ {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var converted []byte
		if err == nil {
			converted, err = yaml.YAMLToJSON(text)
		}
		if err == nil {
			err = world.addObject(converted)
		}
		if err != nil {
			return fmt.Errorf("%s: document %d: %w", file, number, err)
		}
	}
}

// head is what tells objects apart.
type head struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Items      []json.RawMessage `json:"items"`
	Metadata   struct {
		Name string `json:"name"`
	} `json:"metadata"`
}

func (world *world) addObject(text []byte) error {
	var head head
	if err := json.Unmarshal(text, &head); err != nil {
		var shape *json.UnmarshalTypeError
		if errors.As(err, &shape) {
			// Values files and lists lie beside objects.
			return nil
		}
		return err
	}
	group, _, _ := strings.Cut(head.APIVersion, "/")
	switch {
	case head.Kind == "List" || strings.HasSuffix(head.Kind, "List") && head.Items != nil:
		for _, item := range head.Items {
			if err := world.addObject(item); err != nil {
				return err
			}
		}
	case group == "argoproj.io" && head.Kind == "ApplicationSet":
		world.sets = append(world.sets, world.decodeSet(text, head.Metadata.Name))
	case group == "argoproj.io" && head.Kind == "Application":
		return world.addApplication(text)
	case group == "argoproj.io" && head.Kind == "AppProject":
		return world.addProject(text)
	case head.APIVersion == "v1" && head.Kind == "Secret":
		return world.addSecret(text)
	case head.APIVersion == "v1" && head.Kind == "ConfigMap":
		return world.addSettings(text)
	}
	return nil
}

// decodeSet decodes as the controller's client does: case-sensitive, integers kept, unknown fields dropped. The API
// server would drop them too, or refuse them where the writer asked for strict validation.
func (world *world) decodeSet(text []byte, name string) applicationSet {
	decoded := applicationSet{}
	strict, err := kubernetesjson.UnmarshalStrict(text, &decoded.set)
	if err != nil {
		decoded.refusal = "decode: " + err.Error()
	}
	for _, unknown := range strict {
		decoded.unknownFields = append(decoded.unknownFields, unknown.Error())
	}
	if decoded.set.Name == "" {
		decoded.set.Name = name
	}
	world.place(&decoded.set.Namespace)
	return decoded
}

func (world *world) place(namespace *string) {
	if *namespace == "" {
		*namespace = world.namespace
	}
}

func decode(text []byte, kind string, into any) error {
	if _, err := kubernetesjson.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

func (world *world) addApplication(text []byte) error {
	var application v1alpha1.Application
	err := decode(text, "Application", &application)
	world.place(&application.Namespace)
	world.applications = append(world.applications, application)
	return err
}

func (world *world) addProject(text []byte) error {
	var project v1alpha1.AppProject
	err := decode(text, "AppProject", &project)
	world.place(&project.Namespace)
	if world.projects == nil {
		world.projects = map[string]*v1alpha1.AppProject{}
	}
	world.projects[project.Namespace+"/"+project.Name] = &project
	return err
}

// addSecret does what the API server does on a write: stringData becomes data, the type gets its default, and a later
// object of the same name replaces the earlier one.
func (world *world) addSecret(text []byte) error {
	var secret corev1.Secret
	err := decode(text, "Secret", &secret)
	world.place(&secret.Namespace)
	for key, value := range secret.StringData {
		if secret.Data == nil {
			secret.Data = map[string][]byte{}
		}
		secret.Data[key] = []byte(value)
	}
	secret.StringData = nil
	if secret.Type == "" {
		secret.Type = corev1.SecretTypeOpaque
	}
	same := func(other corev1.Secret) bool {
		return secret.Name != "" && other.Namespace == secret.Namespace && other.Name == secret.Name
	}
	if index := slices.IndexFunc(world.secrets, same); index >= 0 {
		world.secrets[index] = secret
		return err
	}
	world.secrets = append(world.secrets, secret)
	return err
}

func (world *world) addSettings(text []byte) error {
	var settings corev1.ConfigMap
	err := decode(text, "ConfigMap", &settings)
	world.place(&settings.Namespace)
	if settings.Name == "argocd-cm" && settings.Namespace == world.namespace {
		world.settings = &settings
	}
	return err
}

// project returns nil where there is none. A world without any project has all of them, but none whose name is empty
// or still a template: the controller asks for the project of a template before filling it.
func (world *world) project(namespace, name string) *v1alpha1.AppProject {
	if world.projects != nil {
		return world.projects[namespace+"/"+name]
	}
	if name == "" || strings.Contains(name, "{{") {
		return nil
	}
	return &v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
}

// clusterSecrets are those that Argo CD takes for clusters.
func (world *world) clusterSecrets() []corev1.Secret {
	var clusters []corev1.Secret
	for _, secret := range world.secrets {
		if secret.Namespace == world.namespace && secret.Labels[common.LabelKeySecretType] == common.LabelValueSecretTypeCluster {
			clusters = append(clusters, secret)
		}
	}
	return clusters
}
