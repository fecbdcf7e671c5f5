package tenants

import (
	"maps"
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// grammar is what a driver's connections may say in a pipeline. A nil reader
// means that the driver has nothing of the kind.
type grammar struct {
	trigger  func(*decoder, *node) (scheduler.EventFilter, bool)
	filter   func(*decoder, *node) (scheduler.RefFilter, bool)
	reporter func(*decoder, *node) (scheduler.Reporter, bool)
	// idle says that what is read is checked only.
	idle bool
}

// grammars are the drivers that Gozer has. The local source speaks as Zuul's
// Gerrit driver does.
var grammars = withOthers(map[string]grammar{
	"local":  {trigger: (*decoder).reviewTrigger, filter: (*decoder).reviewFilter, reporter: (*decoder).reviewReporter},
	"gerrit": {trigger: (*decoder).reviewTrigger, filter: (*decoder).reviewFilter, reporter: (*decoder).reviewReporter},
	"zuul":   {trigger: (*decoder).zuulTrigger, reporter: (*decoder).zuulReporter},
	"nats":   {trigger: (*decoder).natsTrigger, reporter: (*decoder).natsReporter},
})

// builtinDrivers need no connection of their own.
var builtinDrivers = []string{"timer", "zuul"}

// driverOf finds the driver of the connection that key names. It returns an
// empty name when the part below key is to be left out, which was reported.
func (d *decoder) driverOf(key *node, allowed []string) (string, bool) {
	c, ok := d.connection(key.text)
	if !ok || allowed != nil && !slices.Contains(allowed, key.text) {
		var names []string
		for n := range maps.Keys(d.tenant.Connections) {
			names = append(names, string(n))
		}
		return "", d.hinted(key, CodeUnknownConnection, didYouMean(key.text, names), "unknown connection %q", key.text)
	}
	g, known := grammars[c.Driver]
	switch {
	case c.Driver == "":
		d.hinted(key, CodeUncheckedConnection, "give --config, so that its driver is known", "the driver of the connection %q is not known; what it says here is not checked", key.text)
		return "", true
	case !known || g.idle:
		d.hinted(key, CodeUnsupportedDriver, "", "the driver %q is not supported yet; what it says here has no effect", c.Driver)
	}
	if !known {
		return "", true
	}
	return c.Driver, true
}

// connection finds a connection of the system, or guesses it.
func (d *decoder) connection(name string) (c Connection, ok bool) {
	if slices.Contains(builtinDrivers, name) {
		return Connection{Driver: name}, true
	}
	if d.tenant.guess {
		return d.tenant.guessed(scheduler.ConnectionName(name)), true
	}
	c, ok = d.tenant.Connections[scheduler.ConnectionName(name)]
	return c, ok
}

// triggers reads a pipeline's "trigger".
func (d *decoder) triggers(v *node, p *Pipeline) {
	d.eachConnection(v, d.tenant.AllowedTriggers, func(key *node, driver string, item *node) {
		read := grammars[driver].trigger
		if read == nil {
			d.report(key, CodeBadValue, "the driver %q has no triggers", driver)
			return
		}
		if f, ok := read(d, item); ok {
			f.Connection = scheduler.ConnectionName(key.text)
			p.Triggers = append(p.Triggers, f)
		}
	}, func(key *node, driver string) {
		p.TriggerConnections = append(p.TriggerConnections, TriggerConnection{Name: scheduler.ConnectionName(key.text), Driver: driver})
	})
}

// refFilters makes the reader of "require" or "reject".
func refFilters(at func(*Pipeline) *[]scheduler.RefFilter) func(*decoder, *node, *Pipeline) {
	return func(d *decoder, v *node, p *Pipeline) {
		d.eachConnection(v, nil, func(key *node, driver string, item *node) {
			read := grammars[driver].filter
			if read == nil {
				d.report(key, CodeBadValue, "the driver %q has no requirements", driver)
				return
			}
			if f, ok := read(d, item); ok {
				f.Connection = scheduler.ConnectionName(key.text)
				*at(p) = append(*at(p), f)
			}
		}, nil)
	}
}

// reporters makes the reader of the reporters of an action.
func reporters(action scheduler.Action) func(*decoder, *node, *Pipeline) {
	return func(d *decoder, v *node, p *Pipeline) {
		d.eachConnection(v, d.tenant.AllowedReporters, func(key *node, driver string, item *node) {
			read := grammars[driver].reporter
			if read == nil {
				d.report(key, CodeBadValue, "the driver %q has no reporters", driver)
				return
			}
			if r, ok := read(d, item); ok {
				r.Connection = scheduler.ConnectionName(key.text)
				p.Reporters[action] = append(p.Reporters[action], r)
			}
		}, nil)
	}
}

// eachConnection calls each for every entry of every connection in v, and
// found, when it is set, once for every connection.
func (d *decoder) eachConnection(v *node, allowed []string, each func(key *node, driver string, item *node), found func(key *node, driver string)) {
	if d.probe != nil {
		d.probeConnections(each)
		return
	}
	if v.kind == scalarNode && v.tag == "!!null" {
		return
	}
	if v.kind != mapNode {
		d.report(v, CodeWrongType, "expected a mapping of connections, got %s", describe(v))
		return
	}
	for _, p := range v.pairs {
		driver, ok := d.driverOf(p.key, allowed)
		if found != nil && ok {
			found(p.key, d.driverName(p.key))
		}
		if driver == "" {
			continue
		}
		entries := items(p.value)
		if len(entries) == 0 {
			entries = []*node{{kind: mapNode, tag: "!!map", line: p.key.line, col: p.key.col}}
		}
		for _, item := range entries {
			each(p.key, driver, item)
		}
	}
}

// driverName is the driver of the connection that key names, as the API shows it.
func (d *decoder) driverName(key *node) string {
	if c, ok := d.tenant.Connections[scheduler.ConnectionName(key.text)]; ok {
		return c.Driver
	}
	return key.text
}
