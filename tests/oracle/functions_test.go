package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/Masterminds/sprig/v3"
)

const recordedFunctions = "../recorded/functions"

// recordedCall is a line of calls.jsonl; src/argocd/go_template/function/recorded.rs says how values are written.
type recordedCall struct {
	Function  string  `json:"f"`
	Arguments []any   `json:"a"`
	Result    any     `json:"r"`
	Error     *string `json:"e"`
	After     []any   `json:"after"`
}

func TestSprigStillGivesWhatIsRecorded(t *testing.T) {
	functions := sprig.GenericFuncMap()
	for _, line := range lines(t, recordedFunctions+"/calls.jsonl") {
		var call recordedCall
		if err := json.Unmarshal([]byte(line), &call); err != nil {
			t.Fatal(err)
		}
		result, failed, after := invoke(functions[call.Function], call)
		switch {
		case failed != "" && call.Error == nil:
			t.Errorf("%s\nfails: %s", line, failed)
		case failed == "" && !reflect.DeepEqual(sorted(call, result), call.Result):
			t.Errorf("%s\ngives %v", line, result)
		case call.After != nil && !reflect.DeepEqual(after, call.After):
			t.Errorf("%s\nleaves %v", line, after)
		}
	}
}

func TestSprigHasTheRecordedFunctions(t *testing.T) {
	var found []string
	for name, function := range sprig.GenericFuncMap() {
		// Argo CD takes these away.
		if name != "env" && name != "expandenv" && name != "getHostByName" {
			found = append(found, name+" "+reflect.TypeOf(function).String())
		}
	}
	slices.Sort(found)
	if recorded := lines(t, recordedFunctions+"/signatures.txt"); !reflect.DeepEqual(found, recorded) {
		t.Errorf("found %v", found)
	}
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var lines []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// invoke returns the result, why there is none, and what has become of the arguments.
func invoke(function any, call recordedCall) (result any, failed string, after []any) {
	defer func() {
		if panicked := recover(); panicked != nil {
			failed = fmt.Sprint(panicked)
		}
	}()
	kind := reflect.TypeOf(function)
	var arguments []reflect.Value
	for place, argument := range call.Arguments {
		parameter := kind.In(min(place, kind.NumIn()-1))
		if kind.IsVariadic() && place >= kind.NumIn()-1 {
			parameter = kind.In(kind.NumIn() - 1).Elem()
		}
		value := reflect.ValueOf(decoded(argument))
		if !value.IsValid() {
			value = reflect.Zero(parameter)
		}
		arguments = append(arguments, value)
	}
	results := reflect.ValueOf(function).Call(arguments)
	if len(results) == 2 && !results[1].IsNil() {
		return nil, fmt.Sprint(results[1]), nil
	}
	for _, argument := range arguments {
		after = append(after, encoded(argument.Interface()))
	}
	return encoded(results[0].Interface()), "", after
}

// sorted puts what Go has in random order in the order in which it is recorded: that of the keys, map by map.
func sorted(call recordedCall, result any) any {
	if call.Function != "keys" && call.Function != "values" {
		return result
	}
	keys, values := []any{}, []any{}
	for _, argument := range call.Arguments {
		entries := argument.(map[string]any)["map"].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			keys, values = append(keys, key), append(values, entries[key])
		}
	}
	if call.Function == "keys" {
		return map[string]any{"texts": keys}
	}
	return values
}

func decoded(written any) any {
	switch written := written.(type) {
	case []any:
		return list[any](written)
	case map[string]any:
		for kind, inner := range written {
			return typed(kind, inner)
		}
	}
	return written
}

func typed(kind string, inner any) any {
	switch kind {
	case "int":
		number, _ := strconv.Atoi(inner.(string))
		return number
	case "int64":
		number, _ := strconv.ParseInt(inner.(string), 10, 64)
		return number
	case "byte":
		number, _ := strconv.ParseUint(inner.(string), 10, 8)
		return uint8(number)
	case "float":
		number, _ := strconv.ParseFloat(inner.(string), 64)
		return number
	case "list":
		return list[any](inner)
	case "texts":
		return list[string](inner)
	case "ints":
		return list[int](inner)
	case "lists":
		return list[[]any](inner)
	case "maps":
		return list[map[string]any](inner)
	case "map":
		return dictionary[any](inner)
	case "labels":
		return dictionary[string](inner)
	}
	panic("unknown kind " + kind)
}

func list[T any](written any) []T {
	items, _ := written.([]any)
	if items == nil {
		return nil
	}
	list := make([]T, len(items))
	for place, item := range items {
		list[place], _ = decoded(item).(T)
	}
	return list
}

func dictionary[T any](written any) map[string]T {
	entries, _ := written.(map[string]any)
	if entries == nil {
		return nil
	}
	dictionary := map[string]T{}
	for key, entry := range entries {
		dictionary[key], _ = decoded(entry).(T)
	}
	return dictionary
}

func encoded(value any) any {
	switch value := value.(type) {
	case nil, bool:
		return value
	case string:
		// JSON makes U+FFFD of each byte that is no text, as does a conversion to characters.
		return string([]rune(value))
	case int:
		return map[string]any{"int": strconv.Itoa(value)}
	case int64:
		return map[string]any{"int64": strconv.FormatInt(value, 10)}
	case uint8:
		return map[string]any{"byte": strconv.Itoa(int(value))}
	case float64:
		return map[string]any{"float": strconv.FormatFloat(value, 'g', -1, 64)}
	case []any:
		if value == nil {
			return map[string]any{"list": nil}
		}
		return encodedList(value)
	case []string:
		return map[string]any{"texts": encodedList(value)}
	case []int:
		return map[string]any{"ints": encodedList(value)}
	case [][]any:
		return map[string]any{"lists": encodedList(value)}
	case []map[string]any:
		return map[string]any{"maps": encodedList(value)}
	case map[string]any:
		return map[string]any{"map": encodedMap(value)}
	case map[string]string:
		return map[string]any{"labels": encodedMap(value)}
	}
	panic(fmt.Sprintf("cannot write a %T", value))
}

func encodedList[T any](list []T) any {
	if list == nil {
		return nil
	}
	items := []any{}
	for _, item := range list {
		items = append(items, encoded(item))
	}
	return items
}

func encodedMap[T any](dictionary map[string]T) any {
	if dictionary == nil {
		return nil
	}
	entries := map[string]any{}
	for key, entry := range dictionary {
		entries[key] = encoded(entry)
	}
	return entries
}
