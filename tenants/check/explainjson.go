package check

import "encoding/json"

type explanationsJSON struct {
	Explanations []explanationJSON `json:"explanations"`
}

type explanationJSON struct {
	Tenant     string          `json:"tenant"`
	Project    string          `json:"project"`
	Branch     string          `json:"branch"`
	Pipeline   string          `json:"pipeline"`
	Job        string          `json:"job"`
	Runs       bool            `json:"runs"`
	Problem    string          `json:"problem,omitempty"`
	Steps      []stepJSON      `json:"steps"`
	PassedOver []stepJSON      `json:"passed_over"`
	Attributes []attributeJSON `json:"attributes"`
}

type positionJSON struct {
	Project string `json:"project"`
	Branch  string `json:"branch"`
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
}

type stepJSON struct {
	Job  string `json:"job"`
	Kind string `json:"kind"`
	positionJSON
	Branches []string `json:"branches,omitempty"`
}

type attributeJSON struct {
	Name     string          `json:"name"`
	Value    json.RawMessage `json:"value"`
	Settings []settingJSON   `json:"settings"`
}

type settingJSON struct {
	Step int `json:"step"`
	positionJSON
	How   string          `json:"how"`
	Value json.RawMessage `json:"value"`
}

func raw(text string) json.RawMessage { return json.RawMessage(text) }
