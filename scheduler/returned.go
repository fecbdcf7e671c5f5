package scheduler

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Returned is what a build gave back besides its result (Zuul documentation,
// "Job content: return values").
type Returned struct {
	// Data is a JSON object that dependent jobs get as variables; nil is empty.
	Data json.RawMessage
	// SecretData is such an object that nobody may read but executors.
	SecretData Sealed
	// ChildJobs are the names of the dependent jobs that shall run. They count
	// only when ChildJobsGiven: an empty list lets none run.
	ChildJobs      []JobName
	ChildJobsGiven bool
	Artifacts      []Artifact
	// Warnings go into the report.
	Warnings []string
}

// Sealed is what an executor encrypted and only an executor can open. The
// core, the log, the status and the API carry it and can't read it.
type Sealed []byte

// Artifact is something that a build made and others may fetch.
type Artifact struct {
	Name string
	URL  string
	// Metadata is a JSON object; nil is none.
	Metadata json.RawMessage
}

// PassedArtifact is an artifact with where it comes from, as jobs see it in
// variable zuul.artifacts.
type PassedArtifact struct {
	Artifact
	Project  string // without the host
	Job      JobName
	Branch   string
	Change   int // 0 for branches and tags
	Patchset int
	// Ref, OldRev and NewRev tell of refs that have no branch.
	Ref, OldRev, NewRev string
}

// Inherited is what a build gets from the jobs that it depends on and from
// those of changes ahead.
type Inherited struct {
	// Data is a JSON object of variables with the lowest precedence.
	Data json.RawMessage
	// Secrets are sealed objects; of a variable in several, the first counts.
	Secrets   []Sealed
	Artifacts []PassedArtifact
}

// warnings lists what the configuration and the jobs warn of.
func (b *Buildset) warnings() []string {
	out := slices.Clone(b.Warnings)
	for _, r := range b.Jobs {
		if r.Build != nil && r.Build.Returned != nil {
			out = append(out, r.Build.Returned.Warnings...)
		}
	}
	return out
}

// inherited merges what the jobs returned on which the build's job depends, in
// configuration order (Zuul semantics, section 7): of data the later wins, of
// secrets the earlier; artifacts add up behind those of changes ahead.
func (b *Build) inherited() Inherited {
	in := Inherited{Artifacts: slices.Clone(b.Artifacts)}
	ancestors := b.Buildset.job(b.Key()).ancestors(false)
	data := map[string]any{}
	for _, r := range b.Buildset.Jobs {
		if !ancestors[r] || r.Build == nil || r.Build.Returned == nil {
			continue
		}
		got := r.Build.Returned
		data = mergeVars(data, decodeVars(got.Data))
		if len(got.SecretData) > 0 {
			in.Secrets = append(in.Secrets, got.SecretData)
		}
		in.Artifacts = addArtifacts(in.Artifacts, r.artifacts())
	}
	// What Zuul itself sets can't be overridden by a job.
	for _, reserved := range []string{"zuul", "nodepool", "unsafe_vars"} {
		delete(data, reserved)
	}
	if len(data) > 0 {
		in.Data = encodeVars(data)
	}
	return in
}

// decodeVars reads a JSON object; what is none counts as empty.
func decodeVars(raw json.RawMessage) map[string]any {
	vars := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // numbers pass unchanged
	if dec.Decode(&vars) != nil {
		return nil
	}
	return vars
}

// encodeVars writes variables in no more bytes than they had.
func encodeVars(vars map[string]any) json.RawMessage {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(vars) // what was decoded can be encoded
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// mergeVars lays b over a, objects member by member.
func mergeVars(a, b map[string]any) map[string]any {
	for k, v := range b {
		inner, isObject := v.(map[string]any)
		if old, ok := a[k].(map[string]any); ok && isObject {
			v = mergeVars(old, inner)
		}
		a[k] = v
	}
	return a
}

// artifacts lists what the job made, for the jobs that depend on it.
func (r *JobRun) artifacts() []PassedArtifact {
	if r.Build == nil || r.Build.Returned == nil {
		return nil
	}
	ref := r.Build.Buildset.Item.Refs[r.Job.Ref]
	var out []PassedArtifact
	for _, a := range r.Build.Returned.Artifacts {
		p := PassedArtifact{Artifact: a, Project: ref.Name, Job: r.Job.Name, Branch: ref.Branch, Change: ref.Number, Patchset: ref.Patchset}
		if ref.Branch == "" {
			p.Ref, p.OldRev, p.NewRev = ref.Ref, ref.OldRev, ref.NewRev
		}
		out = append(out, p)
	}
	return out
}

// addArtifacts appends what is not there yet.
func addArtifacts(list, more []PassedArtifact) []PassedArtifact {
	for _, a := range more {
		if !slices.ContainsFunc(list, a.equal) {
			list = append(list, a)
		}
	}
	return list
}

func (a PassedArtifact) equal(b PassedArtifact) bool {
	same := bytes.Equal(a.Metadata, b.Metadata)
	a.Metadata, b.Metadata = nil, nil
	return same && a.Name == b.Name && a.URL == b.URL && a.Project == b.Project && a.Job == b.Job && a.Branch == b.Branch &&
		a.Change == b.Change && a.Patchset == b.Patchset && a.Ref == b.Ref && a.OldRev == b.OldRev && a.NewRev == b.NewRev
}
