package tenants

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchemasAreWritten holds the files of the manual to the parser.
func TestSchemasAreWritten(t *testing.T) {
	t.Parallel()
	for name, text := range map[string][]byte{"zuul.schema.json": ConfigSchema(), "tenants.schema.json": TenantSchema()} {
		path := filepath.Join("..", "docs", "schema", name)
		if *update {
			if err := os.WriteFile(path, text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(old, text) {
			t.Errorf("%s differs from the parser; run go test ./tenants -run TestSchemas -update", path)
		}
	}
}

// TestSchemaKinds keeps kinds of objects from being left out of the schema.
func TestSchemaKinds(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(slices.Sorted(maps.Keys(objectKinds)), slices.Sorted(maps.Keys(configKinds()))); diff != "" {
		t.Errorf("(-parser +schema):\n%s", diff)
	}
	want := append(slices.Sorted(maps.Keys(accessKinds)), "global-semaphore", "tenant")
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(tenantKinds()))); diff != "" {
		t.Errorf("(-parser +schema):\n%s", diff)
	}
}

func compiled(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shapely are the codes of mistakes that a schema can see.
var shapely = []Code{CodeUnknownKey, CodeUnknownObject, CodeMissingKey, CodeNotAList, CodeWrongType}

// TestSchemaAgrees gives the files of all archives to the schema and to the
// parser: what the parser takes is right for the schema, and a file whose only
// mistakes are of its shape is wrong for both.
func TestSchemaAgrees(t *testing.T) {
	t.Parallel()
	config, tenant := compiled(t, ConfigSchema()), compiled(t, TenantSchema())
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range files {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			switch {
			case f.Name == "tenants.yaml":
				found := ParseTenantFile("tenants.yaml", f.Data, testConnections())
				agree(t, path+": "+f.Name, tenant, f.Data, found.Problems)
			case strings.HasSuffix(f.Name, ".yaml") && !strings.Contains(f.Name, "/old/"):
				agree(t, path+": "+f.Name, config, f.Data, read(t, a, f.Data))
			}
		}
	}
}

// read returns what the parser says about one file of a config-project.
func read(t *testing.T, a *txtar.Archive, data []byte) Diagnostics {
	t.Helper()
	w := readWorld(t, a)
	found, _ := ParseTenants("tenants.yaml", []byte(w.tenantFile), testConnections())
	if len(found) == 0 || w.offline {
		found, _ = ParseTenants("tenants.yaml", []byte(defaultTenant), nil)
	}
	p := *found[0].Projects[0]
	p.Classes = slices.Concat(defaultClasses, providerClasses)
	d := &decoder{tenant: found[0], place: place{project: p.Canonical, path: "zuul.yaml", branch: "master", trusted: true, file: newText(data)}}
	return d.readObjects(&p).problems
}

func agree(t *testing.T, name string, s *jsonschema.Schema, data []byte, problems Diagnostics) {
	t.Helper()
	root, broken := parseYAML(data, wideLimits)
	unchecked := slices.ContainsFunc(problems, func(d Diagnostic) bool { return d.Code == CodeUncheckedConnection })
	if len(broken) > 0 || root == nil || unchecked { // the schema knows no more drivers than the parser
		return
	}
	var value any
	if err := json.Unmarshal(appendJSON(nil, root), &value); err != nil {
		t.Fatal(err)
	}
	err := s.Validate(value)
	errs := problems.Errors()
	if len(errs) == 0 && err != nil {
		t.Errorf("%s: the parser takes what the schema refuses: %v", name, err)
	}
	shape := len(errs) > 0 && !slices.ContainsFunc(errs, func(d Diagnostic) bool { return !slices.Contains(shapely, d.Code) })
	if shape && err == nil {
		t.Errorf("%s: the schema takes what the parser refuses:\n%s", name, errs)
	}
}
