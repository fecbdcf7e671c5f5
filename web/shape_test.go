package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestShapes compares the key sets and types of answers with those of Zuul,
// kept in testdata/shapes. There an object lists its keys ("key?" may be
// missing, "*" stands for any), a list holds the shape of its elements, and a
// text lists the types of a scalar; the empty list or object is any.
func TestShapes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/shapes/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no shapes: %v", err)
	}
	for _, file := range files {
		operation := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			want := decode(t, file)
			archive, err := txtar.ParseFile(filepath.Join("testdata", "api", operation+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			compared := 0
			for _, f := range archive.Files {
				if !strings.HasSuffix(f.Name, ".answer") || !bytes.HasPrefix(f.Data, []byte("200\n")) {
					continue
				}
				_, body, _ := bytes.Cut(f.Data, []byte("\n\n"))
				compared++
				for _, problem := range compare("", want, parse(t, body)) {
					t.Errorf("%s: %s", f.Name, problem)
				}
			}
			if compared == 0 {
				t.Error("no answer to compare")
			}
		})
	}
}

func decode(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, data)
}

func parse(t *testing.T, data []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // keeps 1 and 1.0 apart
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// compare lists where got does not have the shape of want.
func compare(at string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s is a %s, not an object", at, kind(got))}
		}
		return compareObject(at, want, object)
	case []any:
		list, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is a %s, not a list", at, kind(got))}
		}
		var problems []string
		for i, element := range list {
			if len(want) > 0 {
				problems = append(problems, compare(fmt.Sprintf("%s[%d]", at, i), want[0], element)...)
			}
		}
		return problems
	}
	if types := strings.Split(want.(string), "|"); !slices.Contains(types, kind(got)) {
		return []string{fmt.Sprintf("%s is a %s, not %v", at, kind(got), types)}
	}
	return nil
}

func compareObject(at string, want, got map[string]any) []string {
	if len(want) == 0 {
		return nil
	}
	var problems []string
	left := maps.Clone(got)
	for key, shape := range want {
		if key == "*" {
			continue
		}
		name, optional := strings.CutSuffix(key, "?")
		value, present := got[name]
		delete(left, name)
		switch {
		case present:
			problems = append(problems, compare(at+"."+name, shape, value)...)
		case !optional:
			problems = append(problems, fmt.Sprintf("%s.%s is missing", at, name))
		}
	}
	for name, value := range left {
		if each, ok := want["*"]; ok {
			problems = append(problems, compare(at+"."+name, each, value)...)
			continue
		}
		problems = append(problems, fmt.Sprintf("%s.%s is not Zuul's", at, name))
	}
	return problems
}

func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case string:
		return "string"
	case json.Number:
		if strings.Contains(v.String(), ".") {
			return "float"
		}
		return "int"
	case []any:
		return "list"
	}
	return "object"
}
