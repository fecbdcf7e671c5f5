package tenants

import (
	"maps"
	"slices"
)

// objects are all that one file, or one branch of a project, defines.
type objects struct {
	pipelines  []*Pipeline
	jobs       []*Job
	templates  []*ProjectStanza
	stanzas    []*ProjectStanza
	queues     []*Queue
	nodesets   []*Nodeset
	semaphores []*Semaphore
	secrets    []*Secret
	images     []*Image
	flavors    []*Flavor
	labels     []*Label
	sections   []*Section
	providers  []*Provider
	pragma     pragma
	problems   Diagnostics
	file       text // for diagnostics found later
}

// objectKinds are the objects of the language. Each reader appends what it
// read; an object that is broken was reported and is left out.
var objectKinds = withProviders(map[string]func(d *decoder, v *node, o *objects){
	"pipeline":         func(d *decoder, v *node, o *objects) { keep(&o.pipelines, d, v, (*decoder).pipeline) },
	"job":              func(d *decoder, v *node, o *objects) { keep(&o.jobs, d, v, (*decoder).job) },
	"project":          func(d *decoder, v *node, o *objects) { keep(&o.stanzas, d, v, (*decoder).projectStanza) },
	"project-template": func(d *decoder, v *node, o *objects) { keep(&o.templates, d, v, (*decoder).template) },
	"queue":            func(d *decoder, v *node, o *objects) { keep(&o.queues, d, v, (*decoder).queue) },
	"nodeset":          func(d *decoder, v *node, o *objects) { keep(&o.nodesets, d, v, (*decoder).namedNodeset) },
	"semaphore":        func(d *decoder, v *node, o *objects) { keep(&o.semaphores, d, v, (*decoder).semaphore) },
	"secret":           func(d *decoder, v *node, o *objects) { keep(&o.secrets, d, v, (*decoder).secret) },
	"pragma":           func(d *decoder, v *node, o *objects) { pragmaSchema.decode(d, v, &o.pragma) },
})

// defaultClasses are the kinds that are loaded unless the tenant says.
var defaultClasses = []string{"job", "nodeset", "pipeline", "project", "project-template", "queue", "secret", "semaphore"}

// providerClasses are loaded only where the tenant includes them.
var providerClasses = []string{"flavor", "image", "label", "provider", "section"}

func keep[T any](list *[]*T, d *decoder, v *node, read func(*decoder, *node) (*T, bool)) {
	if t, ok := read(d, v); ok {
		*list = append(*list, t)
	}
}

func withProviders(kinds map[string]func(*decoder, *node, *objects)) map[string]func(*decoder, *node, *objects) {
	maps.Copy(kinds, providerKinds())
	return kinds
}

// readObjects reads one file.
func (d *decoder) readObjects(project *TenantProject) *objects {
	o := &objects{file: d.file}
	root, problems := parseYAML(d.file.data, limitsFor(d.trusted))
	d.take(problems)
	if root != nil && root.kind != listNode {
		d.hinted(root, CodeNotAList, `begin each object with "- "`, "a configuration file must be a list of objects, not %s", describe(root))
		root = nil
	}
	if root != nil {
		for _, item := range root.list {
			d.readObject(project, item, o)
		}
	}
	o.problems = d.problems
	return o
}

func (d *decoder) readObject(project *TenantProject, item *node, o *objects) {
	if item.kind != mapNode || len(item.pairs) != 1 {
		d.hinted(item, CodeNotAList, "indent the attributes below the kind of object", "each object must be a mapping with one key, its kind")
		return
	}
	key, v := item.pairs[0].key, item.pairs[0].value
	read, ok := objectKinds[key.text]
	switch {
	case !ok:
		kinds := slices.Collect(maps.Keys(objectKinds))
		d.hinted(key, CodeUnknownObject, didYouMean(key.text, kinds), "unknown kind of object %q", key.text)
	case key.text == "pipeline" && !d.trusted:
		d.hinted(key, CodePipelineForbidden, "move it to a config-project", "pipelines may not be defined in the untrusted project %s", d.project)
	case key.text != "pragma" && !slices.Contains(project.Classes, key.text):
		// The tenant does not load this kind from the project.
	default:
		read(d, v, o)
	}
}

func (d *decoder) namedNodeset(v *node) (*Nodeset, bool) {
	n := &Nodeset{Source: d.source(v)}
	if !d.nodeset(v, n) {
		return nil, false
	}
	if n.Name == "" {
		return nil, d.report(v, CodeMissingKey, "nodeset needs the attribute %q", "name")
	}
	return n, true
}
