package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	kubernetesyaml "k8s.io/apimachinery/pkg/util/yaml"
	kubernetesjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// document is one YAML document or one item of a List, as the API server decodes it: integers stay integers.
type document struct {
	file   string
	object map[string]any
}

// eachDocument reads files in the order of their names, so that two runs print the same.
func eachDocument(paths, skipFolders []string, report *report, judge func(document)) error {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() || !isManifest(file) {
				return nil
			}
			if inFolder(file, skipFolders) {
				report.skippedFiles++
				return nil
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			readFile(file, content, report, judge)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func isManifest(file string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file))
}

func inFolder(file string, folders []string) bool {
	for directory := filepath.Dir(file); filepath.Base(directory) != directory; directory = filepath.Dir(directory) {
		if slices.Contains(folders, filepath.Base(directory)) {
			return true
		}
	}
	return false
}

func readFile(file string, content []byte, report *report, judge func(document)) {
	reader := kubernetesyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for number := 1; ; number++ {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = decode(file, text, judge)
		}
		if err != nil {
			report.add(problem{file: file, object: fmt.Sprintf("document %d", number), message: err.Error()})
		}
	}
}

// decode refuses what the API server refuses under strict field validation: duplicate keys, and no object at all.
func decode(file string, text []byte, judge func(document)) error {
	converted, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return err
	}
	if bytes.Equal(converted, []byte("null")) {
		return nil
	}
	var object map[string]any
	strict, err := kubernetesjson.UnmarshalStrict(converted, &object)
	if err = errors.Join(append(strict, err)...); err != nil {
		return err
	}
	items, isList := object["items"].([]any)
	if !isList || object["kind"] != "List" {
		judge(document{file, object})
		return nil
	}
	for _, item := range items {
		inner, isObject := item.(map[string]any)
		if !isObject {
			return fmt.Errorf("an item of the List is no object: %v", item)
		}
		judge(document{file, inner})
	}
	return nil
}
