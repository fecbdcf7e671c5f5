package tenants

import (
	"slices"

	"github.com/gozer-ci/gozer/scheduler"
)

// Pipeline is a pipeline of the configuration.
type Pipeline struct {
	scheduler.PipelineConfig
	Source Source
	// TriggerConnections are the connections that it has triggers of, as
	// written, with their drivers.
	TriggerConnections []TriggerConnection
}

// TriggerConnection is a connection that triggers a pipeline.
type TriggerConnection struct {
	Name   scheduler.ConnectionName
	Driver string
}

// pipelineSchema has one row for each attribute of Zuul's manual, "Pipeline".
var pipelineSchema = func() *schema[Pipeline] {
	s := &schema[Pipeline]{noun: "pipeline", attrs: []attribute[Pipeline]{
		must(column("name", func(p *Pipeline) *scheduler.PipelineName { return &p.Name }, named[scheduler.PipelineName])),
		must(column("manager", func(p *Pipeline) *scheduler.ManagerKind { return &p.Manager }, (*decoder).manager)),
		{name: "trigger", decode: (*decoder).triggers},
		{name: "require", decode: refFilters(func(p *Pipeline) *[]scheduler.RefFilter { return &p.Require })},
		{name: "reject", decode: refFilters(func(p *Pipeline) *[]scheduler.RefFilter { return &p.Reject })},
		column("description", func(p *Pipeline) *string { return &p.Description }, (*decoder).text),
		column("precedence", func(p *Pipeline) *scheduler.Precedence { return &p.Precedence }, (*decoder).precedence),
		column("post-review", func(p *Pipeline) *bool { return &p.PostReview }, (*decoder).boolean),
		column("supercedes", func(p *Pipeline) *[]scheduler.PipelineName { return &p.Supercedes }, listOf(named[scheduler.PipelineName])),
		column("allow-other-connections", func(p *Pipeline) *bool { return &p.AllowOtherConnections }, (*decoder).boolean),
		column("dequeue-on-new-patchset", func(p *Pipeline) *bool { return &p.DequeueOnNewPatchset }, (*decoder).boolean),
		column("ignore-dependencies", func(p *Pipeline) *bool { return &p.IgnoreDependencies }, (*decoder).boolean),
		column("disable-after-consecutive-failures", func(p *Pipeline) *int { return &p.DisableAfter }, atLeast(1)),
		column("window", func(p *Pipeline) *int { return &p.Window.Size }, atLeast(0)),
		column("window-floor", func(p *Pipeline) *int { return &p.Window.Floor }, atLeast(1)),
		column("window-ceiling", func(p *Pipeline) *int { return &p.Window.Ceiling }, (*decoder).windowCeiling),
		column("window-increase-type", func(p *Pipeline) *bool { return &p.Window.IncreaseExponential }, (*decoder).exponential),
		column("window-increase-factor", func(p *Pipeline) *int { return &p.Window.IncreaseFactor }, atLeast(1)),
		column("window-decrease-type", func(p *Pipeline) *bool { return &p.Window.DecreaseExponential }, (*decoder).exponential),
		column("window-decrease-factor", func(p *Pipeline) *int { return &p.Window.DecreaseFactor }, atLeast(1)),
		message("footer-message", ""),
	}}
	for _, action := range actions {
		s.attrs = append(s.attrs, attribute[Pipeline]{name: string(action), decode: reporters(action)})
		if action != scheduler.ActionConfigError && action != scheduler.ActionDisabled {
			s.attrs = append(s.attrs, message(string(action)+"-message", action))
		}
	}
	return s
}()

// actions are the phases that have reporters.
var actions = []scheduler.Action{
	scheduler.ActionEnqueue, scheduler.ActionStart, scheduler.ActionSuccess, scheduler.ActionFailure,
	scheduler.ActionMergeConflict, scheduler.ActionConfigError, scheduler.ActionNoJobs,
	scheduler.ActionDequeue, scheduler.ActionDisabled,
}

// message makes an attribute that holds the text of a report; an empty action
// is the footer of all.
func message(name string, action scheduler.Action) attribute[Pipeline] {
	return attribute[Pipeline]{name: name, decode: func(d *decoder, v *node, p *Pipeline) {
		text, ok := d.text(v)
		switch {
		case !ok:
		case action == "":
			p.Footer = text
		default:
			p.Messages[action] = text
		}
	}}
}

// newPipeline has the defaults of Zuul's manual.
func newPipeline(src Source) *Pipeline {
	return &Pipeline{Source: src, PipelineConfig: scheduler.PipelineConfig{
		Precedence: scheduler.PrecedenceNormal, AllowOtherConnections: true, DequeueOnNewPatchset: true,
		Window:    scheduler.WindowConfig{Size: 20, Floor: 3, IncreaseFactor: 1, DecreaseExponential: true, DecreaseFactor: 2},
		Reporters: map[scheduler.Action][]scheduler.Reporter{},
		Messages: map[scheduler.Action]string{
			scheduler.ActionStart:         "Starting {pipeline.name} jobs.",
			scheduler.ActionSuccess:       "Build succeeded.",
			scheduler.ActionFailure:       "Build failed.",
			scheduler.ActionMergeConflict: "Merge Failed.\n\nThis change or one of its cross-repo dependencies was unable to be automatically merged with the current state of its repository. Please rebase the change and upload a new patchset.",
			scheduler.ActionDequeue:       "Build canceled.",
		},
	}}
}

// pipeline reads one "pipeline" of a file.
func (d *decoder) pipeline(v *node) (*Pipeline, bool) {
	p := newPipeline(d.source(v))
	if !pipelineSchema.decode(d, v, p) {
		return nil, false
	}
	if c := p.Window.Ceiling; c != 0 && c < p.Window.Floor {
		return nil, d.report(v.get("window-ceiling"), CodeBadValue, "the window-ceiling of %d is below the window-floor of %d", c, p.Window.Floor)
	}
	p.Window = windowOf(p.Manager, p.Window)
	for _, action := range []scheduler.Action{scheduler.ActionMergeConflict, scheduler.ActionConfigError} {
		if len(p.Reporters[action]) == 0 {
			p.Reporters[action] = slices.Clone(p.Reporters[scheduler.ActionFailure])
		}
	}
	return p, true
}

// windowOf is the window of a manager's queues: only a dependent pipeline
// chooses it (Zuul documentation, "Pipeline: window").
func windowOf(m scheduler.ManagerKind, chosen scheduler.WindowConfig) scheduler.WindowConfig {
	switch m {
	case scheduler.Dependent:
		return chosen
	case scheduler.Serial, scheduler.Supercedent:
		return scheduler.WindowConfig{Size: 1, Floor: 1, Ceiling: 1, IncreaseFactor: 1, DecreaseFactor: 1}
	}
	return scheduler.WindowConfig{}
}

func (d *decoder) manager(v *node) (scheduler.ManagerKind, bool) {
	word, ok := oneOf("independent", "dependent", "serial", "supercedent")(d, v)
	return scheduler.ManagerKind(word), ok
}

func (d *decoder) precedence(v *node) (scheduler.Precedence, bool) {
	word, ok := oneOf("high", "normal", "low")(d, v)
	switch word {
	case "high":
		return scheduler.PrecedenceHigh, ok
	case "low":
		return scheduler.PrecedenceLow, ok
	}
	return scheduler.PrecedenceNormal, ok
}

func (d *decoder) exponential(v *node) (bool, bool) {
	word, ok := oneOf("linear", "exponential")(d, v)
	return word == "exponential", ok
}

// windowCeiling reads null as no ceiling.
func (d *decoder) windowCeiling(v *node) (int, bool) {
	d.takes("null")
	if v.kind == scalarNode && v.tag == "!!null" {
		return 0, true
	}
	return atLeast(1)(d, v)
}
