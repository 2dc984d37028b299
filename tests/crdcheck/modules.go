package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// module is a Go module whose archive holds CRDs. They are read at run time and never compiled in, so that a module
// with hundreds of dependencies costs a download and nothing else.
type module struct {
	path, version string
	// sum is what go.sum would hold. There is no go.sum for these: the module graph behind them is not wanted.
	sum     string
	folders []string
}

// modules are the versions that PRODUCT.md's `management` block names by default, and what `hierarchy: hnc` of a tenant is for.
var modules = []module{
	{"sigs.k8s.io/cluster-api", "v1.14.0", "h1:Cu0WV9dSdL+Do22q2LJ4OBZdm+d/6ep/L04yqFnifuM=", []string{
		"core/config/crd/bases", "bootstrap/kubeadm/config/crd/bases", "controlplane/kubeadm/config/crd/bases",
	}},
	{"sigs.k8s.io/cluster-api/test", "v1.14.0", "h1:LYvJN8oM0vk6dv6ciceaCS0sAy62Lrf5IGsyNJ04g+U=", []string{
		"infrastructure/docker/config/crd/bases",
	}},
	{"sigs.k8s.io/cluster-api-provider-aws/v2", "v2.11.1", "h1:Z/H2UtjE9frE2syrDksLZy4ouvz8CaUZk4HoVDUgSbE=", []string{
		"config/crd/bases",
	}},
	{"github.com/argoproj/argo-cd/v3", "v3.5.1", "h1:jtwPLEFX9mNj3jSq88ugFcScGnOZVs2DWaXFuZxrRT8=", []string{
		"manifests/crds",
	}},
	// The last one: the project is archived.
	{"sigs.k8s.io/hierarchical-namespaces", "v1.1.0", "h1:aPf67ywj8hJaIl5TWPY5wgN+Gwa3oxQNyNqhAHznU3A=", []string{
		"config/crd/bases",
	}},
}

// moduleFolders downloads the modules where the module cache lacks them, and returns their CRD folders.
func moduleFolders(modules []module) ([]string, error) {
	var folders []string
	for _, module := range modules {
		directory, err := module.directory()
		if err != nil {
			return nil, err
		}
		for _, folder := range module.folders {
			folders = append(folders, filepath.Join(directory, filepath.FromSlash(folder)))
		}
	}
	return folders, nil
}

func (module module) directory() (string, error) {
	name := module.path + "@" + module.version
	command := exec.Command("go", "mod", "download", "-json", name)
	// Outside of any module, so that no go.mod of the place we were called from is read or changed.
	command.Dir = os.TempDir()
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	answer, runError := command.Output()
	var downloaded struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(answer, &downloaded); err != nil {
		return "", fmt.Errorf("downloading %s: %w", name, runError)
	}
	if downloaded.Error != "" {
		return "", fmt.Errorf("downloading %s: %s", name, downloaded.Error)
	}
	if downloaded.Sum != module.sum {
		return "", fmt.Errorf("%s has the checksum %s, expected %s", name, downloaded.Sum, module.sum)
	}
	return downloaded.Dir, nil
}
