package lint

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// walls says which packages of the module a package may import. A new package
// gets a row here; one that needs a new entry needs a reason as well.
var walls = map[string][]string{
	// The core knows nobody, the language only the core.
	"scheduler":                  {},
	"scheduler/schedtest":        {"scheduler", "tenants"},
	"scheduler/schedtest/mutate": {},
	"tenants":                    {"scheduler"},
	"tenants/corpus":             {"scheduler", "tenants"},
	"tenants/check":              {"internal/tenantfile", "scheduler", "tenants"},

	// The log and what it holds.
	"internal/eventlog":              {"scheduler"},
	"internal/eventlog/bolt":         {"internal/eventlog", "scheduler"},
	"internal/eventlog/memory":       {"internal/eventlog", "scheduler"},
	"internal/eventlog/eventlogtest": {"internal/eventlog", "scheduler"},
	"internal/wire":                  {"internal/eventlog", "scheduler"},
	"internal/engine":                {"internal/eventlog", "internal/wire", "scheduler"},

	// Readers of the log.
	"internal/explain": {"internal/eventlog", "internal/past", "internal/wire", "scheduler"},
	"internal/past":    {"internal/eventlog", "scheduler"},
	"internal/store":   {"scheduler"},
	"internal/replica": {"internal/eventlog", "internal/store", "scheduler"},

	// The simulation of the whole.
	"internal/sim":        {"internal/engine", "internal/eventlog", "internal/eventlog/memory", "internal/replica", "internal/semaphores", "internal/source", "internal/store", "internal/wire", "scheduler", "scheduler/schedtest"},
	"internal/sim/mutate": {},
	"internal/sim/cmd":    {"internal/sim", "scheduler", "scheduler/schedtest"},

	// Adapters; git is the tool that those with repositories share.
	"internal/archive":           {"scheduler"},
	"internal/auth":              {"scheduler"},
	"internal/bus":               {"scheduler"},
	"internal/git":               {},
	"internal/keys":              {},
	"internal/quarantine":        {"scheduler"},
	"internal/nodes":             {"scheduler"},
	"internal/semaphores":        {"scheduler"},
	"internal/merger":            {"internal/git", "internal/source", "scheduler"},
	"internal/preparer":          {"internal/merger", "internal/source", "scheduler", "tenants"},
	"internal/seal":              {"scheduler"},
	"internal/source":            {"scheduler"},
	"internal/source/sourcetest": {"internal/source", "scheduler"},
	"internal/source/local":      {"internal/git", "internal/source", "scheduler"},
	"internal/source/natssource": {"internal/source", "scheduler"},
	"executor":                   {"executor/sandbox", "scheduler"},
	"executor/sandbox":           {},
	// web answers explanations as they are: their JSON is part of them.
	"web":            {".", "internal/auth", "internal/explain", "internal/source", "scheduler"},
	"web/tenantview": {"scheduler", "tenants", "web"},
	"web/ui":         {},

	// Programs and their parts.
	"internal/config":     {"scheduler"},
	"internal/client":     {},
	"internal/command":    {},
	"internal/tenantfile": {},
	"internal/doctor":     {"internal/command", "internal/config", "internal/quarantine", "internal/tenantfile", "scheduler", "tenants"},
	"demo":                {"internal/app", "internal/auth", "internal/config"},
	"cmd/gozer": {
		"demo", "internal/app", "internal/auth", "internal/client", "internal/command", "internal/config",
		"internal/doctor", "internal/explain", "internal/keys", "internal/replica", "scheduler", "tenants", "tenants/check",
	},
	".": {}, // the contract, embedded

	// Tests about the whole; what they import stands in their test files.
	"internal/browsertest": {},
	"internal/e2e":         {},
	"internal/lint":        {},
	"internal/perf":        {},
}

// composer is the only package that may import all but commands.
const composer = "internal/app"

func TestWalls(t *testing.T) {
	t.Parallel()
	for _, f := range code(t) {
		dir := f.dir
		if dir == "" {
			dir = "."
		}
		allowed, known := walls[dir]
		if !known && dir != composer {
			t.Errorf("%s: package %s has no row in walls_test.go", f.path, dir)
			continue
		}
		for _, name := range f.imports() {
			if strings.HasPrefix(name, "cmd/") {
				t.Errorf("%s imports %s: nothing imports a command", f.path, name)
			}
			if dir == composer || !ours(name) || slices.Contains(allowed, name) {
				continue
			}
			t.Errorf("%s imports %s, which package %s may not: %v", f.path, name, dir, allowed)
		}
	}
}

// ours reports whether an import of a source names a package of the module.
func ours(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return name == "." || slices.Contains([]string{"cmd", "demo", "executor", "internal", "scheduler", "tenants", "web"}, first)
}

// TestWallsStand keeps rows of packages that are gone out of the table.
func TestWallsStand(t *testing.T) {
	t.Parallel()
	dirs := map[string]bool{}
	for _, f := range code(t) {
		dirs[path.Clean(f.dir)] = true
	}
	for _, dir := range slices.Sorted(maps.Keys(walls)) {
		if !dirs[dir] {
			t.Errorf("walls_test.go has a row for %s, which has no code", dir)
		}
	}
}

// homes are the modules that stay behind one wall, so that each could be
// exchanged without a search.
var homes = map[string][]string{
	"github.com/ProtonMail/go-crypto":   {"internal/keys"},
	"github.com/alecthomas/kong":        {"cmd/gozer"},
	"github.com/chromedp":               {"internal/browsertest"},
	"github.com/getkin/kin-openapi":     {"web", "internal/source/natssource"},
	"github.com/go-chi/chi/v5":          {"web"},
	"github.com/golang-jwt/jwt/v5":      {"internal/auth"},
	"github.com/gorilla/websocket":      {"web"},
	"github.com/klauspost/compress":     {"web"},
	"github.com/nats-io/nats-server/v2": {"internal/bus"},
	"github.com/nats-io/nats.go":        {"internal/bus"},
	"github.com/prometheus":             {"internal/app", "web"},
	"go.etcd.io/bbolt":                  {"internal/eventlog/bolt", "internal/source/local", "internal/store"},
	"go.yaml.in/yaml/v3":                {"internal/config", "tenants"},
	"golang.org/x/sys":                  {"executor/sandbox", "internal/git"},
}

// required are the modules that the project is built on: they are used, not
// only named in go.mod.
var required = []string{
	"github.com/ProtonMail/go-crypto", "github.com/getkin/kin-openapi", "github.com/go-chi/chi/v5",
	"github.com/gorilla/websocket", "github.com/nats-io/nats.go", "go.etcd.io/bbolt",
}

func TestModules(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, f := range code(t) {
		for _, name := range f.imports() {
			first, _, _ := strings.Cut(name, "/")
			if ours(name) || !strings.Contains(first, ".") {
				continue
			}
			home := homeOf(name)
			if home == "" {
				t.Errorf("%s imports %s, a module without a home in walls_test.go", f.path, name)
				continue
			}
			used[home] = true
			if !slices.Contains(homes[home], f.dir) {
				t.Errorf("%s imports %s, whose home is %v", f.path, name, homes[home])
			}
		}
	}
	for _, name := range required {
		if !used[name] {
			t.Errorf("nothing imports %s", name)
		}
	}
}

func homeOf(name string) string {
	for home := range homes {
		if name == home || strings.HasPrefix(name, home+"/") {
			return home
		}
	}
	return ""
}
