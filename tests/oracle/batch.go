package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
)

// question is a line of standard input of `batch`.
type question struct {
	// Input is the text of all documents.
	Input string `json:"input"`
	// Repositories maps a URL to the files of a repository, by path.
	Repositories map[string]map[string]string `json:"repositories"`
	NewGlobbing  bool                         `json:"newGlobbing"`
	// Unvalidated leaves out the controller's validation, which takes a tenth of a second.
	Unvalidated bool `json:"unvalidated"`
	// Repeat is how often to expand at most, until two outcomes differ.
	Repeat int `json:"repeat"`
}

type batchAnswer struct {
	Sets []expansion `json:"applicationsets"`
	// Refused is why the input cannot be read at all.
	Refused string `json:"refused,omitempty"`
}

// sideBySide is how many validations may wait for their informers at once.
const sideBySide = 64

// batchCommand answers each line with a line, in order. It expands one after the other, since slugify keeps its
// settings in variables of its package, and validates side by side, since each validation waits for informers.
func batchCommand(base *options, _ []string, output io.Writer) error {
	answers := make(chan chan batchAnswer, sideBySide)
	var failure error
	go func() {
		defer close(answers)
		lines := bufio.NewReaderSize(os.Stdin, 1<<20)
		for {
			text, err := lines.ReadBytes('\n')
			if err != nil {
				if !errors.Is(err, io.EOF) {
					failure = err
				}
				return
			}
			answers <- answerLine(text, base)
		}
	}()
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	for answer := range answers {
		if err := encoder.Encode(<-answer); err != nil {
			return err
		}
		// Who asks may wait for the answer before the next question.
		if buffered, is := output.(*bufio.Writer); is && len(answers) == 0 {
			if err := buffered.Flush(); err != nil {
				return err
			}
		}
	}
	return failure
}

func answerLine(text []byte, base *options) chan batchAnswer {
	answer := make(chan batchAnswer, 1)
	var asked question
	err := json.Unmarshal(text, &asked)
	var world *world
	var expanded *expansions
	if err == nil {
		world, expanded, err = answerQuestion(&asked, base)
	}
	if err != nil {
		answer <- batchAnswer{Refused: err.Error()}
		return answer
	}
	if asked.Unvalidated {
		answer <- batchAnswer{Sets: expanded.Sets}
		return answer
	}
	go func() {
		if err := validate(world, expanded.Sets); err != nil {
			answer <- batchAnswer{Refused: err.Error()}
			return
		}
		answer <- batchAnswer{Sets: expanded.Sets}
	}()
	return answer
}

func answerQuestion(asked *question, base *options) (*world, *expansions, error) {
	chosen := *base
	chosen.validate = false
	chosen.checkouts = maps.Clone(base.checkouts)
	chosen.newGlobbing = base.newGlobbing || asked.NewGlobbing
	if asked.Repeat > 0 {
		chosen.repeat, chosen.untilRandom = asked.Repeat, true
	}
	for url, files := range asked.Repositories {
		folder, err := os.MkdirTemp("", "oracle-repository")
		if err != nil {
			return nil, nil, err
		}
		defer os.RemoveAll(folder)
		if err := writeFiles(folder, files); err != nil {
			return nil, nil, err
		}
		chosen.checkouts[url] = folder
	}
	world := &world{namespace: chosen.namespace}
	if err := world.addStream("input", []byte(asked.Input)); err != nil {
		return nil, nil, err
	}
	answer, err := expand(world, &chosen)
	return world, answer, err
}
