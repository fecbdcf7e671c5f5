package explain

import (
	"reflect"

	"github.com/gozer-ci/gozer/scheduler"
)

// concern is whom an event is about. It is read from the names and types of
// the event's fields, so that a new event is found without a line here.
type concern struct {
	item     scheduler.ItemID
	buildset scheduler.BuildsetID
	builds   []scheduler.BuildID
	job      scheduler.JobKey
	refs     []scheduler.Ref
	changes  []scheduler.ChangeKey
	pipeline scheduler.PipelineName
	queue    scheduler.QueueID
	event    scheduler.EventID
	subject  string // CommandIgnored names what it is about in words
}

func concernOf(e scheduler.Event) concern {
	var c concern
	if _, ok := e.(scheduler.QueuesControlled); ok {
		return c // about everybody: what it names is the command behind it
	}
	c.read(reflect.ValueOf(e))
	return c
}

// read takes what it knows from the fields of a struct, and of the structs in
// it: a received command names its ref.
func (c *concern) read(v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		if !v.Type().Field(i).IsExported() {
			continue
		}
		switch x := f.Interface().(type) {
		case scheduler.ItemID:
			if name == "Item" {
				c.item = x
			}
		case scheduler.BuildsetID:
			c.buildset = x
		case scheduler.BuildID:
			if x != "" {
				c.builds = append(c.builds, x)
			}
		case []scheduler.BuildID:
			if name == "Canceled" || name == "Builds" {
				c.builds = append(c.builds, x...)
			}
		case scheduler.JobName:
			c.job.Name = x
		case scheduler.Ref:
			c.refs = append(c.refs, x)
		case []scheduler.Ref:
			c.refs = append(c.refs, x...)
		case []scheduler.ChangeKey:
			c.changes = append(c.changes, x...)
		case scheduler.PipelineName:
			c.pipeline = x
		case scheduler.QueueID:
			c.queue = x
		case scheduler.EventID:
			c.event = x
		case scheduler.Command, scheduler.Change:
			c.read(f)
		case int:
			if name == "Ref" {
				c.job.Ref = x
			}
		case string:
			if name == "Subject" {
				c.subject = x
			}
		}
	}
}

// tenantWide reports whether the event is about nobody in particular, such as
// a configuration.
func (c concern) tenantWide() bool {
	return c.item == "" && c.buildset == "" && len(c.builds) == 0 && len(c.refs) == 0 && len(c.changes) == 0 &&
		c.pipeline == "" && c.queue == "" && c.event == "" && c.subject == ""
}
