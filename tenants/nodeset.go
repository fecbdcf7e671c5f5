package tenants

import (
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// Nodeset is a demand for nodes.
type Nodeset struct {
	Name   string // empty for one written in a job
	Source Source
	Nodes  []NodesetNode
	Groups []NodesetGroup
	// Alternatives are tried in order instead of Nodes.
	Alternatives []NodesetRef
}

// NodesetNode is one node; Aliases are further names for it.
type NodesetNode struct {
	Name    string
	Aliases []string
	Label   string
}

// NodesetGroup names several nodes.
type NodesetGroup struct {
	Name  string
	Nodes []string
}

// NodesetRef is a nodeset by name or in place.
type NodesetRef struct {
	Name   string
	Inline *Nodeset // nil when Name refers to a nodeset of the layout
}

const (
	groupsIdle = "groups of nodes are not given to jobs yet"
	// maxAlternatives bounds the nodesets that one demand may lead to.
	maxAlternatives = 100
)

// nodesetSchema is a function since alternatives hold nodesets.
func nodesetSchema() *schema[Nodeset] {
	return &schema[Nodeset]{noun: "nodeset", attrs: []attribute[Nodeset]{
		column("name", func(n *Nodeset) *string { return &n.Name }, (*decoder).word),
		column("nodes", func(n *Nodeset) *[]NodesetNode { return &n.Nodes }, listOf((*decoder).nodesetNode)),
		idle(column("groups", func(n *Nodeset) *[]NodesetGroup { return &n.Groups }, listOf((*decoder).nodesetGroup)), groupsIdle),
		column("alternatives", func(n *Nodeset) *[]NodesetRef { return &n.Alternatives }, listOf((*decoder).nodesetRef)),
	}}
}

var nodeSchema = &schema[NodesetNode]{noun: "node", attrs: []attribute[NodesetNode]{
	must(attribute[NodesetNode]{name: "name", decode: func(d *decoder, v *node, n *NodesetNode) {
		if names, ok := d.words(v); ok && len(names) > 0 {
			n.Name, n.Aliases = names[0], names[1:]
		}
	}}),
	must(column("label", func(n *NodesetNode) *string { return &n.Label }, (*decoder).word)),
}}

var groupSchema = &schema[NodesetGroup]{noun: "nodeset group", attrs: []attribute[NodesetGroup]{
	must(column("name", func(g *NodesetGroup) *string { return &g.Name }, (*decoder).word)),
	must(column("nodes", func(g *NodesetGroup) *[]string { return &g.Nodes }, (*decoder).words)),
}}

func (d *decoder) nodesetNode(v *node) (n NodesetNode, ok bool) {
	ok = nodeSchema.decode(d, v, &n)
	if !ok {
		return n, false
	}
	for _, name := range append([]string{n.Name}, n.Aliases...) {
		if name == "localhost" {
			return n, d.report(v, CodeBadValue, "a node must not be called %q", name)
		}
	}
	if !d.tenant.AllowsLabel(n.Label) {
		return n, d.report(v, CodeLabelForbidden, "the tenant may not use nodes with the label %q", n.Label)
	}
	return n, true
}

func (d *decoder) nodesetGroup(v *node) (g NodesetGroup, ok bool) {
	ok = groupSchema.decode(d, v, &g)
	if ok && g.Name == "localhost" {
		return g, d.report(v, CodeBadValue, "a group of nodes must not be called %q", g.Name)
	}
	return g, ok
}

// nodesetRef reads the name of a nodeset or a nodeset in place.
func (d *decoder) nodesetRef(v *node) (NodesetRef, bool) {
	if v.kind != mapNode {
		name, ok := d.word(v)
		return NodesetRef{Name: name}, ok
	}
	n := &Nodeset{Source: d.source(v)}
	return NodesetRef{Inline: n}, d.nodeset(v, n)
}

// nodeset reads a nodeset and checks it in itself.
func (d *decoder) nodeset(v *node, n *Nodeset) bool {
	if !nodesetSchema().decode(d, v, n) {
		return false
	}
	if len(n.Alternatives) > 0 && len(n.Nodes) > 0 {
		return d.report(v, CodeBadValue, "a nodeset has either nodes or alternatives")
	}
	seen := map[string]bool{}
	for _, m := range n.Nodes {
		for _, name := range append([]string{m.Name}, m.Aliases...) {
			if seen[name] {
				return d.report(v, CodeDuplicateNode, "the nodeset has two nodes called %q", name)
			}
			seen[name] = true
		}
	}
	return d.nodesetGroups(v, n, seen)
}

func (d *decoder) nodesetGroups(v *node, n *Nodeset, nodes map[string]bool) bool {
	groups := map[string]bool{}
	for _, g := range n.Groups {
		if groups[g.Name] {
			return d.report(v, CodeDuplicateGroup, "the nodeset has two groups called %q", g.Name)
		}
		groups[g.Name] = true
		if i := slices.IndexFunc(g.Nodes, func(name string) bool { return !nodes[name] }); i >= 0 {
			return d.report(v, CodeNodeNotFound, "the group %q names the node %q, which the nodeset does not have", g.Name, g.Nodes[i])
		}
	}
	return true
}

// flatten returns the alternatives of ref in the order they are tried. A code
// says that the nodeset called broken is missing, contains itself or has too
// many alternatives.
func (l *Layout) flatten(ref NodesetRef) (sets []*Nodeset, broken string, code Code) {
	return l.flattenInto(nil, ref, nil)
}

func (l *Layout) flattenInto(sets []*Nodeset, ref NodesetRef, within []string) ([]*Nodeset, string, Code) {
	n := ref.Inline
	if n == nil {
		if slices.Contains(within, ref.Name) {
			return nil, ref.Name, CodeNodesetCycle
		}
		if n = l.nodesets[ref.Name]; n == nil {
			return nil, ref.Name, CodeNodesetNotFound
		}
		within = append(slices.Clone(within), ref.Name)
	}
	if len(n.Alternatives) == 0 {
		return append(sets, n), "", ""
	}
	for _, a := range n.Alternatives {
		var broken string
		var code Code
		if sets, broken, code = l.flattenInto(sets, a, within); code != "" {
			return nil, broken, code
		}
		if len(sets) > maxAlternatives {
			return nil, ref.Name, CodeBadValue
		}
	}
	return sets, "", ""
}

// frozen is the nodeset as the scheduler knows it.
func (n *Nodeset) frozen() scheduler.Nodeset {
	out := scheduler.Nodeset{Name: n.Name}
	for _, m := range n.Nodes {
		out.Nodes = append(out.Nodes, scheduler.Node{Name: m.Name, Label: m.Label})
	}
	return out
}

// nodesetCheck walks from nodesets to their alternatives, each once.
type nodesetCheck struct {
	*linker
	open, done map[string]bool
}

// checkNodesets tells of alternatives that are not there, or lead back.
func (l *linker) checkNodesets() {
	c := nodesetCheck{linker: l, open: map[string]bool{}, done: map[string]bool{}}
	for _, name := range slices.Sorted(maps.Keys(l.nodesets)) {
		c.visit(name)
	}
}

func (c *nodesetCheck) visit(name string) {
	if c.done[name] {
		return
	}
	c.done[name], c.open[name] = true, true
	c.alternatives(c.nodesets[name], c.nodesets[name].Alternatives)
	c.open[name] = false
}

func (c *nodesetCheck) alternatives(of *Nodeset, list []NodesetRef) {
	for _, a := range list {
		switch {
		case a.Inline != nil:
			c.alternatives(of, a.Inline.Alternatives)
		case c.nodesets[a.Name] == nil:
			c.report(of.Source, CodeNodesetNotFound, c.suggest(a.Name, func() []string { return slices.Collect(maps.Keys(c.nodesets)) }), "the nodeset %q has the alternative %q, which is not defined", of.Name, a.Name)
		case c.open[a.Name]:
			c.report(of.Source, CodeNodesetCycle, "", "the alternative %q of the nodeset %q leads back to it", a.Name, of.Name)
		default:
			c.visit(a.Name)
		}
	}
}
