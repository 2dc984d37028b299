package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

// checkouts stands in for the repo-server: one folder for each repository URL, whatever the revision.
//
// Source: Argo CD 3.5.1, reposerver/repository (GetGitFiles, GetGitDirectories) and util/git (LsFiles).
type checkouts struct {
	folders     map[string]string
	newGlobbing bool
}

func (checkouts *checkouts) folder(url string) (string, error) {
	folder, known := checkouts.folders[url]
	if !known {
		return "", fmt.Errorf("oracle: no --repo for %q", url)
	}
	return filepath.Abs(folder)
}

func (checkouts *checkouts) GetFiles(_ context.Context, url, _, _, pattern string, _ bool, _ *v1alpha1.SourceIntegrity) (map[string][]byte, error) {
	root, err := checkouts.folder(url)
	if err != nil {
		return nil, err
	}
	if pattern == "" {
		pattern = "."
	}
	list := trackedFiles
	if checkouts.newGlobbing {
		list = globbedFiles
	}
	names, err := list(root, pattern)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	return files, nil
}

// trackedFiles asks git, because a pathspec's `*` matches slashes too and no glob library agrees with it.
func trackedFiles(root, pattern string) ([]string, error) {
	arguments := []string{"-C", root}
	list := []string{"ls-files", "--full-name", "-z"}
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		// A plain folder: beside an empty repository each of its files is an untracked one.
		empty, err := os.MkdirTemp("", "oracle-git")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(empty)
		if printed, err := exec.Command("git", "init", "-q", "--bare", empty).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("git init: %s", printed)
		}
		arguments = append(arguments, "--git-dir="+empty, "--work-tree="+root)
		list = append(list, "--others")
	}
	arguments = append(append(arguments, list...), "--", pattern)
	printed, err := exec.Command("git", arguments...).Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var names []string
	for name := range bytes.SplitSeq(bytes.TrimSuffix(printed, []byte{0}), []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	return names, nil
}

// globbedFiles leaves out what a symbolic link brings in from outside the repository.
func globbedFiles(root, pattern string) ([]string, error) {
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	matches, err := doublestar.FilepathGlob(filepath.Join(realRoot, pattern))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, match := range matches {
		target, err := filepath.EvalSymlinks(match)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(realRoot, match)
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(target, realRoot) {
			names = append(names, name)
		}
	}
	return names, nil
}

// GetDirectories leaves out the root and whatever lies beneath a hidden folder.
func (checkouts *checkouts) GetDirectories(_ context.Context, url, _, _ string, _ bool, _ *v1alpha1.SourceIntegrity) ([]string, error) {
	root, err := checkouts.folder(url)
	if err != nil {
		return nil, err
	}
	var names []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || path == root {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		name, err := filepath.Rel(root, path)
		names = append(names, name)
		return err
	})
	return names, err
}
