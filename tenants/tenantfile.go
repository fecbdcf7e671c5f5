package tenants

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Defaults of Zuul's manual, "Tenant configuration".
const (
	defaultMaxJobTimeout  = 3 * time.Hour
	defaultMaxNodesPerJob = 5
	defaultParentJob      = "base"
	defaultLoadBranch     = "master"
	fallbackBranch        = "main"
)

// tenantForm is a tenant as it is written.
type tenantForm struct {
	Tenant
	maxTimeout int
	sources    *node
	semaphores []scheduler.SemaphoreName
}

const (
	idleRules  = "access is decided by tokens alone yet"
	idleGlobal = "it has no effect in Zuul either"
)

var tenantSchema = &schema[tenantForm]{noun: "tenant", attrs: append(newerTenantAttrs(), []attribute[tenantForm]{
	must(column("name", func(t *tenantForm) *scheduler.TenantName { return &t.Name }, named[scheduler.TenantName])),
	{name: "source", decode: func(d *decoder, v *node, t *tenantForm) {
		if d.probe != nil {
			d.probeSource()
			return
		}
		t.sources = v
	}},
	column("max-job-timeout", func(t *tenantForm) *int { return &t.maxTimeout }, limit),
	column("max-nodes-per-job", func(t *tenantForm) *int { return &t.MaxNodesPerJob }, limit),
	column("max-changes-per-pipeline", func(t *tenantForm) *int { return &t.MaxChanges }, atLeast(1)),
	column("max-dependencies", func(t *tenantForm) *int { return &t.MaxDependencies }, atLeast(1)),
	column("default-parent", func(t *tenantForm) *scheduler.JobName { return &t.DefaultParent }, named[scheduler.JobName]),
	column("default-ansible-version", func(t *tenantForm) *string { return &t.DefaultAnsibleVersion }, (*decoder).word),
	column("web-root", func(t *tenantForm) *string { return &t.WebRoot }, (*decoder).word),
	column("exclude-unprotected-branches", func(t *tenantForm) *bool { return &t.ExcludeUnprotectedBranches }, (*decoder).boolean),
	column("exclude-locked-branches", func(t *tenantForm) *bool { return &t.ExcludeLockedBranches }, (*decoder).boolean),
	column("allowed-triggers", func(t *tenantForm) *[]string { return &t.AllowedTriggers }, (*decoder).words),
	column("allowed-reporters", func(t *tenantForm) *[]string { return &t.AllowedReporters }, (*decoder).words),
	column("allowed-labels", func(t *tenantForm) *[]scheduler.Pattern { return &t.AllowedLabels }, (*decoder).patterns),
	column("disallowed-labels", func(t *tenantForm) *[]scheduler.Pattern { return &t.DisallowedLabels }, (*decoder).patterns),
	column("semaphores", func(t *tenantForm) *[]scheduler.SemaphoreName { return &t.semaphores }, listOf(named[scheduler.SemaphoreName])),
	idle(column("admin-rules", func(t *tenantForm) *[]string { return &t.AdminRules }, (*decoder).words), idleRules),
	idle(column("access-rules", func(t *tenantForm) *[]string { return &t.AccessRules }, (*decoder).words), idleRules),
	idle(column("authentication-realm", func(t *tenantForm) *string { return &t.AuthenticationRealm }, (*decoder).word), idleRules),
	idle(accepted[tenantForm]("allow-circular-dependencies"), idleGlobal),
	idle(accepted[tenantForm]("report-build-page"), idleGlobal),
}...)}

// limit reads a number that -1 switches off.
func limit(d *decoder, v *node) (int, bool) {
	i, ok := atLeast(-1)(d, v)
	if i == -1 {
		return 0, ok
	}
	return i, ok
}

// globalSemaphoreSchema is that of a semaphore of the whole system.
var globalSemaphoreSchema = &schema[Semaphore]{noun: "global-semaphore", attrs: semaphoreSchema.attrs}

// TenantFile is what a tenant file says.
type TenantFile struct {
	// Blocks are the tenants in the order they are written, also broken ones.
	Blocks []TenantBlock
	// Problems are those of the whole file.
	Problems Diagnostics
}

// TenantBlock is a tenant of a tenant file.
type TenantBlock struct {
	// Name may be empty when the block is broken.
	Name scheduler.TenantName
	// Tenant is nil when the block is broken.
	Tenant *Tenant
	// Problems are those that stand in the block.
	Problems Diagnostics
}

// ParseTenants reads a tenant file. A tenant with an error in it is left out;
// the others load. Without connections, as in a check away from the server, the
// drivers of those that the file names are guessed by their names.
func ParseTenants(path string, data []byte, connections Connections) ([]*Tenant, Diagnostics) {
	file := ParseTenantFile(path, data, connections)
	var found []*Tenant
	for _, b := range file.Blocks {
		if b.Tenant != nil {
			found = append(found, b.Tenant)
		}
	}
	return found, file.Problems
}

// ParseTenantFile is ParseTenants for those who want to know which problem is
// of which tenant.
func ParseTenantFile(path string, data []byte, connections Connections) *TenantFile {
	d := &decoder{place: place{path: path, trusted: true, file: newText(data)}}
	root, problems := parseYAML(data, wideLimits)
	d.take(problems)
	f := tenantFile{decoder: d, connections: connections, semaphores: map[scheduler.SemaphoreName]int{}}
	switch {
	case root == nil:
	case root.kind != listNode:
		d.hinted(root, CodeNotAList, `begin each tenant with "- tenant:"`, "a tenant file must be a list, not %s", describe(root))
	default:
		for _, item := range root.list {
			f.object(item)
		}
		f.finish()
	}
	return &TenantFile{Blocks: f.blocks, Problems: d.problems.Sorted()}
}

// tenantFile collects what a tenant file defines.
type tenantFile struct {
	*decoder
	connections Connections
	blocks      []TenantBlock
	nodes       []*node // of tenants that are yet to be read
	semaphores  map[scheduler.SemaphoreName]int
	apiRoot     bool
	rules       []string // names of authorization rules
	rulesWanted []wantedRules
	// guessed are the connections that the file has projects of, when those of
	// the system are not known.
	guessed []scheduler.ConnectionName
}

// guessConnections lists the connections below "source" of every tenant.
func (f *tenantFile) guessConnections() {
	for _, v := range f.nodes {
		source := v.get("source")
		if source == nil {
			continue
		}
		for _, p := range source.pairs {
			f.guessed = union(f.guessed, []scheduler.ConnectionName{scheduler.ConnectionName(p.key.text)})
		}
	}
}

func (f *tenantFile) guessedConnections() Connections {
	out := Connections{}
	for _, name := range f.guessed {
		out[name] = Connection{Driver: guessDriver(name)}
	}
	return out
}

func (f *tenantFile) object(item *node) {
	if item.kind != mapNode || len(item.pairs) != 1 {
		f.hinted(item, CodeNotAList, "indent the attributes below the kind of object", "each object must be a mapping with one key, its kind")
		return
	}
	key, v := item.pairs[0].key, item.pairs[0].value
	access, ok := accessKinds[key.text]
	switch {
	case ok:
		access(f, v)
		f.report(key, CodeIdleObject, "%s is accepted and has no effect: %s", key.text, idleRules)
	case key.text == "tenant":
		f.nodes = append(f.nodes, v)
	case key.text == "global-semaphore":
		f.globalSemaphore(v)
	default:
		kinds := append(slices.Sorted(maps.Keys(accessKinds)), "tenant", "global-semaphore")
		f.hinted(key, CodeUnknownObject, didYouMean(key.text, kinds), "unknown kind of object %q", key.text)
	}
}

func (f *tenantFile) globalSemaphore(v *node) {
	s := Semaphore{Max: 1}
	if !globalSemaphoreSchema.decode(f.decoder, v, &s) {
		return
	}
	if _, ok := f.semaphores[s.Name]; ok {
		f.report(v, CodeDuplicateDefinition, "the global semaphore %q is already defined", s.Name)
		return
	}
	f.semaphores[s.Name] = s.Max
}

// finish reads the tenants, which may use semaphores defined below them.
func (f *tenantFile) finish() {
	f.guessConnections()
	for _, w := range f.rulesWanted {
		f.checkRules(w.at, w.names)
	}
	for _, v := range f.nodes {
		before, from := f.errors, len(f.problems)
		t := f.tenant(v)
		block := TenantBlock{Name: t.Name, Tenant: t}
		if f.errors == before && slices.ContainsFunc(f.blocks, func(b TenantBlock) bool { return b.Name == t.Name }) {
			f.report(v, CodeDuplicateTenant, "the tenant %q is already defined", t.Name)
		}
		if f.errors != before {
			block.Tenant = nil
		}
		block.Problems = slices.Clone(f.problems[from:]).Sorted()
		f.blocks = append(f.blocks, block)
	}
}

func (f *tenantFile) tenant(v *node) *Tenant {
	form := tenantForm{maxTimeout: int(defaultMaxJobTimeout / time.Second)}
	form.MaxNodesPerJob, form.DefaultParent = defaultMaxNodesPerJob, defaultParentJob
	tenantSchema.decode(f.decoder, v, &form)
	t := &form.Tenant
	t.Source, t.cache, t.Connections = f.source(v), newFileCache(), f.connections
	if f.connections == nil {
		t.guess, t.Connections = true, f.guessedConnections()
	}
	t.MaxJobTimeout = time.Duration(form.maxTimeout) * time.Second
	if t.WebRoot != "" && !strings.HasSuffix(t.WebRoot, "/") {
		t.WebRoot += "/"
	}
	t.GlobalSemaphores = f.globalSemaphores(v, form.semaphores)
	if form.sources != nil {
		f.sources(t, form.sources)
	}
	f.checkConfigured(t)
	f.checkRules(v.get("admin-rules"), t.AdminRules)
	f.checkRules(v.get("access-rules"), t.AccessRules)
	t.settings = f.digest(t, v)
	return t
}

// digest identifies the settings of a tenant.
func (f *tenantFile) digest(t *Tenant, v *node) string {
	h := sha256.New()
	h.Write(appendJSON(nil, v))
	writeJSON(h, t.Connections)
	writeJSON(h, t.GlobalSemaphores)
	return hex.EncodeToString(h.Sum(nil))
}

func (f *tenantFile) globalSemaphores(v *node, names []scheduler.SemaphoreName) map[scheduler.SemaphoreName]int {
	out := map[scheduler.SemaphoreName]int{}
	for _, name := range names {
		most, ok := f.semaphores[name]
		if !ok {
			var known []string
			for n := range maps.Keys(f.semaphores) {
				known = append(known, string(n))
			}
			f.hinted(v.get("semaphores"), CodeGlobalSemaphoreNotFound, didYouMean(string(name), known), "there is no global semaphore %q", name)
		}
		out[name] = most
	}
	return out
}
