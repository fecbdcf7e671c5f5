package quarantine

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// payloads are keys whose values other programs chose.
var payloads = map[string]bool{"Data": true, "EventData": true, "event_data": true}

// telling are keys that speak of secrets. Words around them don't matter.
var telling = regexp.MustCompile(`(?i)(secret|passw|token|credential|private.?key|api.?key|authorization)`)

// leftOut stands for a text that was taken away.
const leftOut = "(left out)"

// redact takes what may be secret out of JSON values, one after the other. What
// is no JSON is taken away.
func redact(data []byte) []byte {
	var out bytes.Buffer
	in := json.NewDecoder(bytes.NewReader(data))
	in.UseNumber()
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for in.More() {
		var v any
		if err := in.Decode(&v); err != nil {
			out.WriteString(`"(what follows is no JSON and left out)"` + "\n")
			break
		}
		if err := enc.Encode(clean(v)); err != nil {
			break
		}
	}
	return out.Bytes()
}

func clean(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			switch {
			case payloads[key]:
				v[key] = nil
			case telling.MatchString(key):
				v[key] = hidden(value)
			default:
				v[key] = clean(value)
			}
		}
	case []any:
		for i := range v {
			v[i] = clean(v[i])
		}
	}
	return v
}

// hidden keeps the kind of a value, so that its document can still be read.
func hidden(v any) any {
	switch v := v.(type) {
	case string:
		if v == "" {
			return v
		}
		return leftOut
	case map[string]any, []any:
		return nil
	}
	return v
}
