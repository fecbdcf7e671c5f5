package tenants

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

type nodeKind int

const (
	scalarNode nodeKind = iota
	listNode
	mapNode
)

// mergeMode is what the tags !override and !inherit ask for.
type mergeMode int

const (
	mergeDefault mergeMode = iota
	mergeOverride
	mergeInherit
)

// node is one value of a YAML file with its place. Aliases share nodes, so a
// node is never changed after it was made.
type node struct {
	kind nodeKind
	// tag is one of the short YAML tags such as !!str.
	tag   string
	text  string
	list  []*node
	pairs []pair
	// mode and encrypted come from Zuul's own tags.
	mode      mergeMode
	encrypted bool
	line, col int
	// weight counts the nodes below and including this one with aliases
	// expanded; depth is the longest way down.
	weight, depth int
}

type pair struct{ key, value *node }

// get returns the value of a key of a mapping, or nil.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// problem is a complaint about a file that is not tied to an object.
type problem struct {
	code      Code
	line, col int
	text      string
	hint      string
}

// parseYAML reads the one document of a file. It returns nil without problems
// for an empty file, and what it could read together with problems such as
// duplicate keys.
func parseYAML(data []byte, most limits) (root *node, problems []problem) {
	if p := precheck(data, most); p != nil {
		return nil, []problem{*p}
	}
	defer func() {
		if r := recover(); r != nil { // the YAML library panics on some damage
			root, problems = nil, []problem{{code: CodeYAMLSyntax, line: 1, col: 1, text: fmt.Sprintf("the file cannot be read as YAML: %v", r)}}
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if err.Error() == "EOF" {
			return nil, nil
		}
		return nil, []problem{syntaxProblem(err, data)}
	}
	if err := dec.Decode(&more); err == nil {
		return nil, []problem{{code: CodeYAMLSyntax, line: max(1, more.Line), col: 1, text: "a configuration file must hold one YAML document", hint: `remove the "---" between them`}}
	} else if err.Error() != "EOF" {
		return nil, []problem{syntaxProblem(err, data)}
	}
	c := converter{most: most, done: map[*yaml.Node]*node{}, open: map[*yaml.Node]bool{}}
	root = c.convert(&doc, 0)
	return root, c.problems
}

// syntaxProblem takes the line out of the YAML library's error.
func syntaxProblem(err error, data []byte) problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, message, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = n, message
			}
		}
	}
	if name, ok := strings.CutPrefix(text, "unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		if before, _, ok := strings.Cut(string(data), "*"+name); ok {
			line = strings.Count(before, "\n") + 1
		}
	}
	code := CodeYAMLSyntax
	if strings.Contains(text, "exceeded max depth") {
		code, text = CodeTooDeep, fmt.Sprintf("values are nested more than %d levels deep", maxDepth)
	}
	return problem{code: code, line: line, col: firstColumn(data, line), text: text}
}

func firstColumn(data []byte, line int) int {
	text := newText(data).line(line)
	return len(text) - len(strings.TrimLeft(text, " \t")) + 1
}

// converter makes nodes of the YAML library's nodes, each once.
type converter struct {
	most     limits
	done     map[*yaml.Node]*node
	open     map[*yaml.Node]bool
	merged   int
	problems []problem
}

func (c *converter) fail(y *yaml.Node, code Code, hint, format string, args ...any) *node {
	c.problems = append(c.problems, problem{code: code, line: y.Line, col: y.Column, text: fmt.Sprintf(format, args...), hint: hint})
	return nil
}

// convert returns nil when the value is refused; the problem is recorded.
func (c *converter) convert(y *yaml.Node, depth int) *node {
	switch y.Kind {
	case yaml.DocumentNode:
		if len(y.Content) == 0 {
			return nil
		}
		return c.convert(y.Content[0], depth)
	case yaml.AliasNode:
		y = y.Alias
	}
	if n, ok := c.done[y]; ok {
		return n
	}
	if c.open[y] {
		return c.fail(y, CodeYAMLSyntax, "", "an anchor contains itself")
	}
	if depth > maxDepth {
		return c.fail(y, CodeTooDeep, "", "values are nested more than %d levels deep", maxDepth)
	}
	c.open[y] = true
	n := c.build(y, depth)
	delete(c.open, y)
	if n != nil && n.weight > c.most.nodes {
		n = c.fail(y, CodeTooManyNodes, "", "the file has more than %d values once its aliases are expanded", c.most.nodes)
	}
	if n != nil && n.depth > maxDepth {
		n = c.fail(y, CodeTooDeep, "", "values are nested more than %d levels deep", maxDepth)
	}
	c.done[y] = n
	return n
}

func (c *converter) build(y *yaml.Node, depth int) *node {
	n := &node{line: y.Line, col: y.Column, weight: 1, depth: 1}
	if !c.customTag(n, y) {
		return nil
	}
	switch y.Kind {
	case yaml.SequenceNode:
		n.kind, n.tag = listNode, "!!seq"
		for _, item := range y.Content {
			child := c.convert(item, depth+1)
			if child == nil {
				return nil
			}
			n.list = append(n.list, child)
			n.add(child)
		}
	case yaml.MappingNode:
		n.kind, n.tag = mapNode, "!!map"
		return c.mapping(n, y, depth)
	default:
		return c.scalar(n, y)
	}
	return n
}

func (n *node) add(child *node) {
	n.weight = min(n.weight+child.weight, wideLimits.nodes+1)
	n.depth = max(n.depth, child.depth+1)
}

func (c *converter) scalar(n *node, y *yaml.Node) *node {
	if len(y.Value) > maxScalarBytes {
		return c.fail(y, CodeScalarTooLong, "", "a value has %d bytes; it may have %d", len(y.Value), maxScalarBytes)
	}
	n.text = y.Value
	if n.tag == "" {
		n.tag = "!!str"
		if y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !n.encrypted {
			n.tag = resolveScalar(y.Value)
		}
	}
	return n
}

// mapping adds the pairs of y to n; merge keys give way to written ones.
func (c *converter) mapping(n *node, y *yaml.Node, depth int) *node {
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, v := y.Content[i], y.Content[i+1]
		key, value := c.convert(k, depth+1), c.convert(v, depth+1)
		if key == nil || value == nil {
			return nil
		}
		n.add(key)
		n.add(value)
		switch {
		case key.tag == "!!merge":
			merged = append(merged, value)
			continue
		case key.kind != scalarNode:
			return c.fail(k, CodeWrongType, "", "the key of a mapping must be a word")
		}
		n.pairs = append(n.pairs, pair{key, value})
	}
	if !c.unique(n) {
		return nil
	}
	for _, m := range merged {
		if !c.merge(n, m) {
			return c.fail(y, CodeWrongType, "", `"<<" must name a mapping or a list of mappings`)
		}
		if c.merged > maxMerged {
			return c.fail(y, CodeTooManyNodes, "", `"<<" copies more than %d values`, maxMerged)
		}
	}
	return n
}

// unique reports keys that are written twice.
func (c *converter) unique(n *node) bool {
	ok, seen := true, make(map[string]int, len(n.pairs))
	for _, p := range n.pairs {
		if line, dup := seen[p.key.text]; dup {
			c.problems = append(c.problems, problem{code: CodeDuplicateKey, line: p.key.line, col: p.key.col, text: fmt.Sprintf("key %q is written twice, first in line %d", p.key.text, line), hint: "remove one of them"})
			ok = false
			continue
		}
		seen[p.key.text] = p.key.line
	}
	return ok
}

// merge adds the pairs of the mappings in m whose keys n does not have.
func (c *converter) merge(n, m *node) bool {
	if m.kind == listNode {
		return !slices.ContainsFunc(m.list, func(item *node) bool { return item.kind != mapNode || !c.merge(n, item) })
	}
	if m.kind != mapNode {
		return false
	}
	have := make(map[string]bool, len(n.pairs))
	for _, p := range n.pairs {
		have[p.key.text] = true
	}
	c.merged += len(n.pairs) + len(m.pairs)
	for _, p := range m.pairs {
		if !have[p.key.text] && c.merged <= maxMerged {
			n.pairs = append(n.pairs, p)
		}
	}
	return true
}
