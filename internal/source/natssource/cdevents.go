package natssource

import (
	"encoding/json"
	"maps"
	"strings"
)

// cdPrefix begins every type of CDEvents (https://cdevents.dev).
const cdPrefix = "dev.cdevents."

// cdEvent is the part of a CDEvent that names things.
type cdEvent struct {
	Context struct {
		ID     string `json:"id"`
		Source string `json:"source"`
		Type   string `json:"type"`
	} `json:"context"`
	Subject struct {
		ID      string `json:"id"`
		Content struct {
			Repository struct {
				ID string `json:"id"`
			} `json:"repository"`
		} `json:"content"`
	} `json:"subject"`
	CustomData map[string]json.RawMessage `json:"customData"`
}

// isCDEvent reports whether the fields are those of a CDEvent, bare or in a
// CloudEvent.
func isCDEvent(fields map[string]json.RawMessage) bool {
	return fields["specversion"] != nil || fields["context"] != nil
}

// decodeCDEvent translates: context.type is the type, context.source and id
// the id; project, branch, ref, change, newrev, oldrev, comment and user come
// from customData, project also from the repository of the subject, and branch
// from the subject of events about branches.
func decodeCDEvent(fields map[string]json.RawMessage, data []byte) (event, error) {
	if fields["specversion"] != nil {
		data = fields["data"]
	}
	var cd cdEvent
	if err := json.Unmarshal(data, &cd); err != nil {
		return event{}, invalid("CDEvent cannot be read: %v", err)
	}
	if !strings.HasPrefix(cd.Context.Type, cdPrefix) {
		return event{}, invalid("context.type %q does not begin with %s", cd.Context.Type, cdPrefix)
	}
	if cd.Context.ID == "" || cd.Context.Source == "" {
		return event{}, invalid("CDEvent has no context.id or no context.source")
	}
	own := maps.Clone(cd.CustomData)
	if own == nil {
		own = map[string]json.RawMessage{}
	}
	maps.DeleteFunc(own, func(name string, _ json.RawMessage) bool { return !taken[name] })
	own["type"] = text(cd.Context.Type)
	own["id"] = text(cd.Context.Source + "#" + cd.Context.ID)
	own["data"] = data
	if own["project"] == nil && cd.Subject.Content.Repository.ID != "" {
		own["project"] = text(cd.Subject.Content.Repository.ID)
	}
	if strings.HasPrefix(cd.Context.Type, cdPrefix+"branch.") && own["branch"] == nil && own["ref"] == nil {
		own["branch"] = text(cd.Subject.ID)
	}
	translated, err := json.Marshal(own)
	if err != nil {
		return event{}, invalid("CDEvent cannot be read: %v", err)
	}
	return checked(translated)
}

// taken are the names in customData that mean something here; others are the
// publisher's own and reach jobs with the rest of the event.
var taken = map[string]bool{
	"project": true, "branch": true, "ref": true, "change": true,
	"newrev": true, "oldrev": true, "comment": true, "user": true,
}

func text(s string) json.RawMessage {
	data, _ := json.Marshal(s) // a string always encodes
	return data
}
