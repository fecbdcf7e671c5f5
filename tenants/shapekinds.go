package tenants

import (
	"maps"
	"slices"
)

// regexShape is a regular expression as a mapping.
var regexShape = &objectShape{
	noun: "regular expression", names: []string{"regex", "negate"}, required: []string{"regex"},
	attributes: map[string]*shape{"regex": {types: []string{"string"}}, "negate": {types: []string{"boolean"}}},
}

// controlShape is attribute-control.
func controlShape() *objectShape {
	final := &objectShape{noun: "attribute control", names: []string{"final"}, required: []string{"final"}, anyOther: true, other: &shape{},
		attributes: map[string]*shape{"final": {types: []string{"boolean"}}}}
	o := &objectShape{noun: "controlled attributes", names: controllable, attributes: map[string]*shape{}}
	for _, name := range controllable {
		o.attributes[name] = &shape{object: final}
	}
	return o
}

// probeConnections writes down what each driver takes: the schema does not know
// the drivers of connections.
func (d *decoder) probeConnections(each func(key *node, driver string, item *node)) {
	one := &shape{}
	for _, driver := range slices.Sorted(maps.Keys(grammars)) {
		key := &node{kind: scalarNode, tag: "!!str", text: driver, line: 1, col: 1}
		outer := d.probe // each reads with d itself
		d.probe = outer.inside()
		each(key, driver, probeScalar)
		each(key, driver, probeMapping)
		found := d.probe.shape
		if d.probe = outer; !found.empty() {
			one.either = append(one.either, found)
		}
	}
	list := &shape{either: slices.Concat(one.either, []*shape{{items: one}, {types: []string{"null"}}})}
	d.probe.values = list
	d.probe.add("null")
}

// probeSource writes down the projects of a tenant.
func (d *decoder) probeSource() {
	entry := d.probed(func(d *decoder, v *node) { entrySchema.decode(d, v, &projectForm{}) })
	named := &shape{types: []string{"string", "number"}, values: &shape{types: []string{"null"}, object: entry.object}}
	group := *entry.object
	group.noun, group.required = "group of projects", []string{"projects"}
	group.attributes = maps.Clone(group.attributes)
	group.names = append(slices.Clone(group.names), "projects")
	group.attributes["projects"] = &shape{either: []*shape{named, {items: named}}}
	one := &shape{either: []*shape{named, {object: &group}}}
	list := &shape{either: []*shape{named, {object: &group}, {items: one}, {types: []string{"null"}}}}
	d.probe.values = &shape{types: []string{"null"}, object: &objectShape{
		noun: "projects of a connection", names: []string{"config-projects", "untrusted-projects"},
		attributes: map[string]*shape{"config-projects": list, "untrusted-projects": list},
	}}
}

// describing makes the reader of one kind of object for a probe.
func describing[T any](s *schema[T], into *T) func(*decoder, *node) {
	return func(d *decoder, v *node) { s.decode(d, v, into) }
}

// configKinds are the schemas of the objects of projects.
func configKinds() map[string]func(*decoder, *node) {
	return map[string]func(*decoder, *node){
		"pipeline": describing(pipelineSchema, newPipeline(Source{})), "job": describing(jobSchema, &Job{}),
		"project": describing(projectSchema, &ProjectStanza{}), "project-template": describing(templateSchema, &ProjectStanza{Template: true}),
		"queue": describing(queueSchema, &Queue{}), "nodeset": describing(nodesetSchema(), &Nodeset{}),
		"semaphore": describing(semaphoreSchema, &Semaphore{}), "secret": describing(secretSchema, &Secret{}),
		"pragma": describing(pragmaSchema, &pragma{}), "image": describing(imageSchema, &Image{}),
		"flavor": describing(flavorSchema, &Flavor{}), "label": describing(labelSchema, &Label{}),
		"section": describing(sectionSchema, &Section{}), "provider": describing(providerSchema, &Provider{}),
	}
}

// tenantKinds are the schemas of the objects of a tenant file.
func tenantKinds() map[string]func(*decoder, *node) {
	return map[string]func(*decoder, *node){
		"tenant": describing(tenantSchema, &tenantForm{}), "global-semaphore": describing(globalSemaphoreSchema, &Semaphore{}),
		"authorization-rule": describing(ruleSchema, &ruleForm{}), "admin-rule": describing(ruleSchema, &ruleForm{}),
		"role": describing(roleRightsSchema, &roleRightsForm{}), "api-root": describing(apiRootSchema, &apiRootForm{}),
	}
}
