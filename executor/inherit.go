package executor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/gozer-ci/gozer/scheduler"
)

// inherit lays the job's variables over what the jobs before it returned.
func inherit(b *build, vars object) (object, error) {
	raw := b.start().Inherited.Data
	if len(raw) == 0 || string(raw) == "null" {
		return vars, nil
	}
	below, err := decodeObject(raw)
	if err != nil {
		return nil, problemf("what the jobs before returned is not a JSON object: %v", err)
	}
	return overlay(below, vars), nil
}

func decodeObject(raw []byte) (object, error) {
	out := object{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return out, dec.Decode(&out)
}

// artifactVars are the artifacts as jobs see them.
func artifactVars(list []scheduler.PassedArtifact) []object {
	out := make([]object, 0, len(list))
	for _, a := range list {
		o := object{"name": a.Name, "url": a.URL, "project": a.Project, "job": a.Job}
		if len(a.Metadata) > 0 {
			o["metadata"] = a.Metadata
		}
		maps.Copy(o, refVar(scheduler.Ref{Branch: a.Branch, Number: a.Change, Patchset: a.Patchset, Ref: a.Ref, OldRev: a.OldRev, NewRev: a.NewRev}))
		if a.Ref == "" {
			delete(o, "ref")
		}
		out = append(out, o)
	}
	return out
}

// writeSecrets opens the secret data of the jobs before and writes them where
// only the build's programs read them: beside the workspace, so that no log
// takes them along. It returns the path that jobs see, empty without secrets.
func (b *build) writeSecrets() (string, error) {
	sealed := b.start().Inherited.Secrets
	if len(sealed) == 0 {
		return "", nil
	}
	all := object{}
	for _, s := range sealed {
		if b.cfg.Secrets == nil {
			return "", problemf("the jobs before returned secret data, which this executor can't open")
		}
		plain, err := b.cfg.Secrets.Open(b.start().Tenant, s)
		if err != nil {
			return "", problemf("the secret data of the jobs before can't be opened: %v", err)
		}
		one, err := decodeObject(plain)
		if err != nil {
			return "", problemf("the secret data of the jobs before are not a JSON object")
		}
		all = overlay(one, all) // the earlier wins
	}
	delete(all, "zuul")
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encode secret data: %w", err)
	}
	file := filepath.Join(b.ws.dir, "secret-data.json")
	if err := os.WriteFile(file, append(data, '\n'), 0o600); err != nil {
		return "", err
	}
	return b.ws.show(file, "secret-data"), nil
}
