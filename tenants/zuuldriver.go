package tenants

import (
	"regexp"

	"github.com/gozer-ci/gozer/scheduler"
)

const idleImages = "images are not built yet"

// zuulEvents are the events that happen inside of the system itself.
var zuulEvents = []string{scheduler.EventParentEnqueued, scheduler.EventProjectMerged, "image-build", "image-validate", "image-delete"}

// zuulTriggerSchema follows Zuul's manual, "Zuul driver: trigger".
var zuulTriggerSchema = &schema[scheduler.EventFilter]{noun: "trigger", attrs: []attribute[scheduler.EventFilter]{
	must(column("event", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Types }, listOf((*decoder).zuulEvent))),
	patternColumn("pipeline", func(f *scheduler.EventFilter) *[]scheduler.Pattern { return &f.Pipelines }),
	debugTrigger(),
}}

func (d *decoder) zuulTrigger(v *node) (f scheduler.EventFilter, ok bool) {
	return f, zuulTriggerSchema.decode(d, v, &f)
}

func (d *decoder) zuulEvent(v *node) (scheduler.Pattern, bool) {
	word, ok := oneOf(zuulEvents...)(d, v)
	if !ok {
		return scheduler.Pattern{}, false
	}
	if word != scheduler.EventParentEnqueued && word != scheduler.EventProjectMerged {
		d.report(v, CodeIdleAttribute, "the event %q never happens: %s", word, idleImages)
	}
	return d.compile(v, regexp.QuoteMeta(word)+`\z`, false)
}

// zuulReporterSchema follows Zuul's manual, "Zuul driver: reporter".
var zuulReporterSchema = &schema[scheduler.Reporter]{noun: "reporter", attrs: []attribute[scheduler.Reporter]{
	idle(accepted[scheduler.Reporter]("image-built"), idleImages),
	idle(accepted[scheduler.Reporter]("image-validated"), idleImages),
}}

// zuulReporter reads what would be told of images, to nobody.
func (d *decoder) zuulReporter(v *node) (r scheduler.Reporter, ok bool) {
	zuulReporterSchema.decode(d, v, &r)
	return r, false
}
