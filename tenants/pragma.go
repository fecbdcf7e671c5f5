package tenants

import "github.com/gozer-ci/gozer/scheduler"

// pragma sets how the other objects of its file are read.
type pragma struct {
	impliedMatchers Attr[bool]
	impliedBranches Attr[[]scheduler.Pattern]
}

var pragmaSchema = &schema[pragma]{noun: "pragma", attrs: []attribute[pragma]{
	{name: "implied-branch-matchers", decode: func(d *decoder, v *node, p *pragma) {
		if b, ok := d.boolean(v); ok {
			p.impliedMatchers = some(b)
		}
	}},
	{name: "implied-branches", decode: func(d *decoder, v *node, p *pragma) {
		if patterns, ok := d.patterns(v); ok {
			p.impliedBranches = some(patterns)
		}
	}},
}}
