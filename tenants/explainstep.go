package tenants

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// explainer fills an explanation.
type explainer struct {
	*Layout
	e  *Explanation
	at map[string]*ExplainedAttribute
	// files are those that were parsed again, to find where attributes stand.
	files map[fileKey]*node
}

// passedOver lists the definitions of the names in the chain, and the project's
// variants, that are for other branches.
func (x *explainer) passedOver(name scheduler.JobName, used, all, variants []*Job) {
	names := []scheduler.JobName{name}
	for _, j := range used {
		names = union(names, []scheduler.JobName{j.Name})
	}
	for _, n := range names {
		for _, j := range x.jobs[n] {
			if !slices.Contains(used, j) {
				x.e.PassedOver = append(x.e.PassedOver, stepOf(j))
			}
		}
	}
	for _, j := range all {
		if !slices.Contains(variants, j) {
			x.e.PassedOver = append(x.e.PassedOver, stepOf(j))
		}
	}
}

func stepOf(j *Job) Step {
	s := Step{Name: j.Name, Source: j.Source, Kind: StepJob, Branches: j.Branches.Names()}
	if j.variant {
		s.Kind = StepVariant
	}
	return s
}

// apply puts the job together once more and writes down who sets what.
func (x *explainer) apply(name scheduler.JobName, definitions []*Job, vars Vars, variants []*Job) {
	x.at = map[string]*ExplainedAttribute{}
	a := &applied{Job: &Job{}}
	step := func(j *Job) bool {
		if err := a.apply(j); err != nil {
			x.e.Problem = err.Error()
			return false
		}
		x.e.Steps = append(x.e.Steps, stepOf(j))
		x.note(a, j)
		return true
	}
	for _, j := range definitions {
		if !step(j) {
			return
		}
	}
	a.Name = name
	if !vars.IsZero() {
		x.projectVars(a, vars)
	}
	for _, j := range variants {
		if !step(j) {
			return
		}
	}
	for i := range jobAttrs {
		if found := x.at[jobAttrs[i].name]; found != nil {
			if jobAttrs[i].class == ownAttr && !jobAttrs[i].isSet(a.Job) {
				found.Value = found.Settings[len(found.Settings)-1].Value // of one definition, not handed on
			} else {
				found.Value = jobAttrs[i].show(a.Job)
			}
			x.e.Attributes = append(x.e.Attributes, *found)
		}
	}
}

// note writes down the attributes that a definition sets.
func (x *explainer) note(a *applied, j *Job) {
	body := x.body(j)
	if body == nil {
		return
	}
	for i := range jobAttrs {
		attr := &jobAttrs[i]
		if !attr.isSet(j) {
			continue
		}
		s := Setting{Step: len(x.e.Steps), At: j.Source, Value: attr.show(j), How: "set"}
		for _, p := range body.pairs {
			if p.key.text == attr.name {
				s.At.Line, s.At.Col = p.key.line, p.key.col
			}
		}
		if x.at[attr.name] != nil && attr.class != ownAttr {
			s.How = "replaced"
			if attr.show(a.Job) != s.Value {
				s.How = "joined"
			}
		}
		x.add(attr.name, s)
	}
}

func (x *explainer) add(name string, s Setting) {
	if x.at[name] == nil {
		x.at[name] = &ExplainedAttribute{Name: name}
	}
	x.at[name].Settings = append(x.at[name].Settings, s)
}

// projectVars puts the variables of the project and its templates below the
// job's.
func (x *explainer) projectVars(a *applied, vars Vars) {
	src := Source{Project: x.e.Project, Branch: x.e.Branch}
	ref := scheduler.Ref{Project: x.e.Project, Branch: x.e.Branch}
	for _, s := range x.projectConfigs(x.e.Project) {
		if !s.Vars.IsZero() && s.Branches.Match(ref) {
			src = s.Source
		}
	}
	a.Vars = some(a.Vars.Value.over(vars))
	x.e.Steps = append(x.e.Steps, Step{Name: a.Name, Source: src, Kind: StepVars})
	x.add("vars", Setting{Step: len(x.e.Steps), At: src, Value: string(vars.JSON()), How: "below the job's"})
}

// body finds the mapping of a definition's attributes in its file.
func (x *explainer) body(j *Job) *node {
	for i := range x.branches {
		b := &x.branches[i]
		if b.project.Canonical != j.Source.Project || b.branch != j.Source.Branch {
			continue
		}
		for f, k := range b.keys {
			if k.path == j.Source.Path {
				return attributesAt(x.parse(k, b.files[f]), j)
			}
		}
	}
	return nil
}

func (x *explainer) parse(k fileKey, o *objects) *node {
	if root, ok := x.files[k]; ok {
		return root
	}
	root, _ := parseYAML(o.file.data, wideLimits)
	if x.files == nil {
		x.files = map[fileKey]*node{}
	}
	x.files[k] = root
	return root
}

// attributesAt walks to the value that a definition was read from.
func attributesAt(n *node, j *Job) *node {
	if n == nil {
		return nil
	}
	if n.line == j.Source.Line && n.col == j.Source.Col && n.kind == mapNode && j.isBody(n) {
		if j.variant {
			return n.pairs[0].value
		}
		return n
	}
	for _, item := range n.list {
		if found := attributesAt(item, j); found != nil {
			return found
		}
	}
	for _, p := range n.pairs {
		if found := attributesAt(p.value, j); found != nil {
			return found
		}
	}
	return nil
}

// isBody tells the mapping of a definition from another one that begins at the
// same place.
func (j *Job) isBody(n *node) bool {
	if j.variant {
		return len(n.pairs) == 1 && n.pairs[0].key.text == string(j.Name)
	}
	name := n.get("name")
	return name != nil && name.text == string(j.Name)
}
