package tenants

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Vars is an immutable tree of variables.
type Vars struct{ root *node }

// IsZero reports whether there are no variables.
func (v Vars) IsZero() bool { return v.root == nil || len(v.root.pairs) == 0 }

// JSON renders the variables as a JSON object with sorted keys.
func (v Vars) JSON() json.RawMessage {
	if v.root == nil {
		return json.RawMessage("{}")
	}
	return appendJSON(nil, v.root)
}

// over returns v merged with the variables below it: mappings are merged,
// everything else is taken from v.
func (v Vars) over(below Vars) Vars {
	switch {
	case v.root == nil:
		return below
	case below.root == nil:
		return v
	}
	return Vars{mergeNodes(below.root, v.root)}
}

func mergeNodes(below, above *node) *node {
	if below.kind != mapNode || above.kind != mapNode {
		return above
	}
	out := *above
	out.pairs = slices.Clone(below.pairs)
	at := make(map[string]int, len(out.pairs))
	for i, p := range out.pairs {
		at[p.key.text] = i
	}
	for _, p := range above.pairs {
		if i, ok := at[p.key.text]; ok {
			out.pairs[i] = pair{p.key, mergeNodes(out.pairs[i].value, p.value)}
			continue
		}
		out.pairs = append(out.pairs, p)
	}
	return &out
}

func appendJSON(b []byte, n *node) []byte {
	switch n.kind {
	case listNode:
		b = append(b, '[')
		for i, item := range n.list {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case mapNode:
		pairs := slices.Clone(n.pairs)
		slices.SortFunc(pairs, func(x, y pair) int { return strings.Compare(x.key.text, y.key.text) })
		b = append(b, '{')
		for i, p := range pairs {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, p.key.text), ':')
			b = appendJSON(b, p.value)
		}
		return append(b, '}')
	}
	return appendScalar(b, n)
}

func appendScalar(b []byte, n *node) []byte {
	switch n.tag {
	case "!!null":
		return append(b, "null"...)
	case "!!bool":
		return strconv.AppendBool(b, n.boolean())
	case "!!int":
		if v, ok := n.integer(); ok {
			return strconv.AppendInt(b, v, 10)
		}
	case "!!float":
		if v, ok := n.float(); ok {
			return strconv.AppendFloat(b, v, 'g', -1, 64)
		}
	}
	return appendString(b, n.text)
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil { // strings always encode
		panic(err)
	}
	return append(b, quoted...)
}

// reservedVars cannot be set by a configuration: Ansible connects with them,
// or Gozer itself fills them.
var reservedVars = []string{
	"zuul", "nodepool", "unsafe_vars", "ansible_connection", "ansible_host",
	"ansible_python_interpreter", "ansible_shell_executable", "ansible_user",
}

var varName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// vars reads a mapping of variables.
func (d *decoder) vars(v *node) (Vars, bool) {
	if d.takes("object", "null") {
		return Vars{}, true
	}
	if v.kind == scalarNode && v.tag == "!!null" {
		return Vars{}, true
	}
	if v.kind != mapNode {
		return Vars{}, d.report(v, CodeWrongType, "variables must be a mapping, not %s", describe(v))
	}
	ok := true
	for _, p := range v.pairs {
		switch {
		case slices.Contains(reservedVars, p.key.text):
			ok = d.report(p.key, CodeBadVariable, "the variable %q is reserved", p.key.text)
		case !varName.MatchString(p.key.text):
			ok = d.hinted(p.key, CodeBadVariable, "use letters, digits and underscores", "%q is no name for a variable", p.key.text)
		}
	}
	return Vars{v}, ok
}

// varsByName reads a mapping of hosts or groups to variables.
func (d *decoder) varsByName(v *node) (Vars, bool) {
	if d.probe != nil {
		d.probe.values = &shape{types: []string{"object", "null"}}
		return Vars{}, true
	}
	if v.kind != mapNode {
		return Vars{}, d.report(v, CodeWrongType, "expected a mapping of names to variables, got %s", describe(v))
	}
	ok := true
	for _, p := range v.pairs {
		_, good := d.vars(p.value)
		ok = ok && good
	}
	return Vars{v}, ok
}
