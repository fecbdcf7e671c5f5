package natssource

import (
	"bytes"
	_ "embed" // for the schema
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gozer-ci/gozer/internal/source"
)

// Schema is the JSON Schema of events.
//
//go:embed events.schema.json
var Schema []byte

// event is a message of the schema, or a CDEvent translated to it.
type event struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Project string          `json:"project"`
	Branch  string          `json:"branch"`
	Ref     string          `json:"ref"`
	Change  int             `json:"change"`
	NewRev  string          `json:"newrev"`
	OldRev  string          `json:"oldrev"`
	Comment string          `json:"comment"`
	User    string          `json:"user"`
	Data    json.RawMessage `json:"data"`
}

// decode reads a message. The error is a *source.Error.
func decode(data []byte) (event, error) {
	fields, err := object(data)
	if err != nil {
		return event{}, err
	}
	if isCDEvent(fields) {
		return decodeCDEvent(fields, data)
	}
	return checked(data)
}

// checked reads what must obey the schema.
func checked(data []byte) (event, error) {
	var value map[string]any
	if err := json.Unmarshal(data, &value); err != nil {
		return event{}, invalid("event is not JSON: %v", err)
	}
	if !oneOf(value, "branch", "ref", "change") {
		return event{}, invalid("event must have exactly one of branch, ref and change")
	}
	schema, err := compiled()
	if err != nil {
		return event{}, err
	}
	if err := schema.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		return event{}, invalid("event does not fit docs/events.schema.json: %s", describe(err))
	}
	var e event
	if err := json.Unmarshal(data, &e); err != nil {
		return event{}, invalid("event cannot be read: %v", err)
	}
	if e.Change != 0 && (e.NewRev != "" || e.OldRev != "") {
		return event{}, invalid("event has change together with newrev or oldrev: a change is tested at its current patchset")
	}
	return e, nil
}

// oneOf says in a sentence what the schema's oneOf would say in three.
func oneOf(value map[string]any, names ...string) bool {
	n := 0
	for _, name := range names {
		if _, ok := value[name]; ok {
			n++
		}
	}
	return n == 1
}

var compiled = sync.OnceValues(func() (*openapi3.Schema, error) {
	var s openapi3.Schema
	if err := json.Unmarshal(Schema, &s); err != nil {
		return nil, fmt.Errorf("read schema of events: %w", err)
	}
	return &s, nil
})

// describe says in a line what is wrong and where.
func describe(err error) string {
	var many openapi3.MultiError
	if !errors.As(err, &many) {
		many = openapi3.MultiError{err}
	}
	lines := make([]string, 0, len(many))
	for _, e := range many {
		var se *openapi3.SchemaError
		if !errors.As(e, &se) {
			lines = append(lines, e.Error())
			continue
		}
		where := strings.Join(se.JSONPointer(), ".")
		if where != "" {
			where += ": "
		}
		lines = append(lines, where+se.Reason)
	}
	return strings.Join(lines, "; ")
}

// object reads the first level of a JSON object.
func object(data []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil || fields == nil {
		return nil, invalid("event is not a JSON object")
	}
	return fields, nil
}

func invalid(format string, v ...any) error {
	return &source.Error{Code: source.CodeInvalid, Message: fmt.Sprintf(format, v...)}
}

// compact returns JSON without space, nil for none.
func compact(data json.RawMessage) []byte {
	if len(data) == 0 {
		return nil
	}
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		return data // not reached for what json.Unmarshal gave
	}
	return b.Bytes()
}
