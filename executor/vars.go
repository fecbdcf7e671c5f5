package executor

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// object is a JSON object.
type object = map[string]any

// variables returns what jobs get: the job's variables and, under "zuul", the
// ones that Zuul documents ("Job content: variables").
func variables(b *build, projects []*project, message string) (object, error) {
	vars := object{}
	// A job without variables has null here once it went through a message.
	if raw := b.start().Job.Vars; len(raw) > 0 && string(raw) != "null" {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		if err := dec.Decode(&vars); err != nil {
			return nil, problemf("variables of job %s are not a JSON object: %v", b.start().Job.Name, err)
		}
	}
	for _, reserved := range []string{"zuul", "nodepool"} {
		if _, ok := vars[reserved]; ok {
			return nil, problemf("job %s has a variable %q, which is reserved", b.start().Job.Name, reserved)
		}
	}
	vars, err := inherit(b, vars)
	if err != nil {
		return nil, err
	}
	vars["zuul"] = zuulVars(b, projects, message)
	return vars, nil
}

func zuulVars(b *build, projects []*project, message string) object {
	s := b.start()
	z := object{
		"build": s.Build, "buildset": s.Buildset, "tenant": s.Tenant, "pipeline": s.Pipeline, "job": s.Job.Name,
		"voting": s.Job.Voting, "attempts": s.Attempt, "max_attempts": s.Job.Attempts, "event_id": s.Event,
		"timeout": int(s.Job.Timeout.Seconds()), "post_timeout": int(s.Job.PostTimeout.Seconds()),
		"post_review": s.PostReview, "projects": projectVars(projects), "items": refVars(s.Items),
		"buildset_refs": refVars(s.Refs), "build_refs": refVars(s.Served()), "resources": object{}, "nodes": nodeVars(s.Nodes), "ansible_version": "", "override_checkout": s.Job.OverrideCheckout,
		"jobtags": []string{}, "enqueue_time": s.EnqueuedAt.Unix(), "zuul_version": "",
		"executor": object{
			"hostname": b.cfg.Name, "src_root": b.ws.seen(srcDir), "log_root": b.ws.seen(logsDir), "work_root": b.ws.seen(),
		},
	}
	if len(s.Inherited.Artifacts) > 0 {
		z["artifacts"] = artifactVars(s.Inherited.Artifacts)
	}
	if len(s.EventData) > 0 && json.Valid(s.EventData) {
		z["event_data"] = json.RawMessage(s.EventData)
	}
	if len(s.Refs) == 0 {
		return z
	}
	item := s.Own()
	maps.Copy(z, refVar(item))
	own := projectVar(item.Project)
	for _, p := range projects {
		if p.name == item.Project {
			own["checkout"] = p.checkout
		}
	}
	z["project"] = own
	z["ref"] = item.Ref
	if message != "" {
		z["message"] = base64.StdEncoding.EncodeToString([]byte(message))
		z["change_message"] = message
	}
	return z
}

// projectVar names a project.
func projectVar(name scheduler.ProjectName) object {
	p := project{name: name}
	source := p.sourceName()
	return object{
		"name": source, "short_name": source[strings.LastIndexByte(source, '/')+1:],
		"canonical_hostname": p.host(), "canonical_name": name, "src_dir": p.srcDir(),
	}
}

func projectVars(projects []*project) object {
	all := object{}
	for _, p := range projects {
		v := projectVar(p.name)
		v["required"], v["checkout"], v["checkout_description"], v["commit"] = p.required, p.checkout, p.why, p.commit
		all[string(p.name)] = v
	}
	return all
}

func refVars(refs []scheduler.Ref) []object {
	all := make([]object, 0, len(refs))
	for _, r := range refs {
		v := refVar(r)
		v["project"] = projectVar(r.Project)
		all = append(all, v)
	}
	return all
}

// refVar is what a ref adds to an item.
func refVar(r scheduler.Ref) object {
	v := object{"ref": r.Ref}
	set := func(key, value string) {
		if value != "" {
			v[key] = value
		}
	}
	set("branch", r.Branch)
	set("change_url", r.URL)
	set("oldrev", r.OldRev)
	set("newrev", r.NewRev)
	if tag, ok := strings.CutPrefix(r.Ref, "refs/tags/"); ok {
		set("tag", tag)
	}
	if r.IsChange() {
		// Strings, as in Zuul, where some systems have no numbers.
		v["change"], v["patchset"] = strconv.Itoa(r.Number), strconv.Itoa(r.Patchset)
	}
	return v
}

// environment returns the environment of the build's programs: what the
// operator gives every build, then what describes this one.
func environment(b *build, vars object) []string {
	s := b.start()
	env := map[string]string{
		"PATH": b.cfg.Path, "LANG": "C.UTF-8", "TERM": "dumb", "SHELL": "/bin/sh", "USER": "gozer", "LOGNAME": "gozer",
		"HOME": b.ws.seen("home"), "TMPDIR": b.ws.seenTmp(), "CI": "true",
	}
	maps.Copy(env, b.cfg.Env)
	maps.Copy(env, scalars(vars))
	maps.Copy(env, map[string]string{
		"ZUUL_VARS": b.ws.seen("zuul.json"), "GOZER_RETURN": b.ws.seen(returnFile), "ZUUL_BUILD": string(s.Build), "ZUUL_BUILDSET": string(s.Buildset),
		"ZUUL_TENANT": string(s.Tenant), "ZUUL_PIPELINE": string(s.Pipeline), "ZUUL_JOB": string(s.Job.Name),
		"ZUUL_WORK_ROOT": b.ws.seen(), "ZUUL_SRC_ROOT": b.ws.seen(srcDir), "ZUUL_LOG_ROOT": b.ws.seen(logsDir),
		"ZUUL_ATTEMPTS": strconv.Itoa(s.Attempt),
	})
	if len(s.Nodes) > 0 {
		env["GOZER_NODES"] = nodeNames(s.Nodes)
	}
	if len(s.Refs) > 0 {
		r := s.Own()
		p := project{name: r.Project}
		maps.Copy(env, map[string]string{
			"ZUUL_PROJECT": r.Name, "ZUUL_BRANCH": r.Branch, "ZUUL_REF": r.Ref, "ZUUL_SRC_DIR": b.ws.seen(p.srcDir()),
		})
		if r.IsChange() {
			env["ZUUL_CHANGE"], env["ZUUL_PATCHSET"] = strconv.Itoa(r.Number), strconv.Itoa(r.Patchset)
		}
		if r.NewRev != "" {
			env["ZUUL_NEWREV"] = r.NewRev
		}
	}
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !strings.ContainsRune(env[name], 0) {
			list = append(list, name+"="+env[name])
		}
	}
	return list
}

// The environment holds variables up to these sizes in bytes; the kernel's
// limits are 128 KiB for one and about 2 MiB for all. zuul.json has them all.
const (
	maxVariable  = 32 << 10
	maxVariables = 512 << 10
)

// scalars returns job variables that fit into an environment.
func scalars(vars object) map[string]string {
	env := map[string]string{}
	total := 0
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		var value string
		switch v := vars[name].(type) {
		case string:
			value = v
		case bool, json.Number:
			value = fmt.Sprint(v)
		default:
			continue
		}
		total += len(name) + len(value)
		if validVariable(name) && len(value) <= maxVariable && total <= maxVariables {
			env["GOZER_VAR_"+name] = value
		}
	}
	return env
}

// validVariable reports whether a shell can name the variable.
func validVariable(name string) bool {
	for _, c := range []byte(name) {
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return name != ""
}
