package executor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// returnFile is where jobs write what they return, below work. It is the file
// that GOZER_RETURN names.
const returnFile = "return.json"

// returned is what the playbooks of a build have returned so far, as Zuul's
// zuul_return accumulates it.
type returned struct {
	data, secret object
	// wishes is the part of data that is for Gozer, checked.
	wishes wishes
}

// wishes are the members of "zuul" that are not for other jobs.
type wishes struct {
	LogURL    string              `json:"log_url"`
	ChildJobs []scheduler.JobName `json:"child_jobs"`
	Pause     bool                `json:"pause"`
	Retry     *bool               `json:"retry"`
}

// collect reads what a playbook left in the file and lays it over what those
// before it returned. Jobs may put anything there: what is wrong with it is
// the build's problem, once, and counts for nothing.
func (b *build) collect() error {
	root, err := os.OpenRoot(b.ws.work())
	if err != nil {
		return problemf("what the job returned can't be read: its work directory is gone")
	}
	defer root.Close()
	raw, err := b.readReturn(root)
	if err == nil && raw != nil {
		err = b.returned.add(raw)
	}
	if err != nil {
		_ = root.RemoveAll(returnFile) // if it stays it is told again
	}
	return err
}

// add lays what a file says over r, which stays as it is when that is wrong.
func (r *returned) add(raw []byte) error {
	var file struct {
		Data       object `json:"data"`
		SecretData object `json:"secret_data"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return problemf("what the job returned in %s is wrong: %v", returnFile, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return problemf("what the job returned in %s is wrong: there is more than one value", returnFile)
	}
	sum := returned{data: overlay(r.data, file.Data), secret: overlay(r.secret, file.SecretData)}
	if err := sum.check(); err != nil {
		return err
	}
	*r = sum
	return nil
}

// readReturn returns the bytes of the file, or nil when there is none.
func (b *build) readReturn(root *os.Root) ([]byte, error) {
	info, err := root.Lstat(returnFile)
	limit := b.cfg.Limits.ReturnBytes
	switch {
	case err != nil: // it returned nothing
		return nil, nil
	case !info.Mode().IsRegular():
		return nil, problemf("what the job returned can't be read: %s is not a file", returnFile)
	case info.Size() > limit:
		return nil, problemf("the job returned %d bytes; the limit is %s", info.Size(), size(limit))
	case info.Size() == 0:
		return nil, nil
	}
	f, err := root.Open(returnFile)
	if err != nil {
		return nil, problemf("what the job returned can't be read: %v", err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// check reads the members that are for Gozer.
func (r *returned) check() error {
	mine, ok := r.data["zuul"]
	if !ok {
		return nil
	}
	raw, err := json.Marshal(mine)
	if err == nil {
		r.wishes = wishes{}
		err = json.Unmarshal(raw, &r.wishes)
	}
	if err != nil {
		return problemf("what the job returned as zuul is wrong: %v", err)
	}
	return nil
}

// zuul returns a member of "zuul".
func (r *returned) zuul(name string) any {
	o, _ := r.data["zuul"].(object)
	return o[name]
}

// overlay lays b over a, objects member by member, without changing either.
func overlay(a, b object) object {
	out := maps.Clone(a)
	if out == nil {
		out = object{}
	}
	for k, v := range b {
		inner, isObject := v.(object)
		if old, ok := out[k].(object); ok && isObject {
			v = overlay(old, inner)
		}
		out[k] = v
	}
	return out
}

// result is what the scheduler is told.
func (b *build) result() (*scheduler.Returned, error) {
	r := &b.returned
	out := &scheduler.Returned{ChildJobs: r.wishes.ChildJobs, ChildJobsGiven: r.zuul("child_jobs") != nil}
	given := out.ChildJobsGiven
	data := maps.Clone(r.data)
	delete(data, "zuul")
	if len(data) > 0 {
		out.Data = encode(data)
		given = true
	}
	if len(r.secret) > 0 {
		if b.cfg.Secrets == nil {
			return nil, problemf("the job returned secret data, which this executor can't seal")
		}
		var err error
		if out.SecretData, err = b.cfg.Secrets.Seal(b.start().Tenant, encode(r.secret)); err != nil {
			return nil, fmt.Errorf("seal secret data: %w", err)
		}
		given = true
	}
	out.Artifacts = b.artifacts()
	out.Warnings = b.warnings()
	if !given && len(out.Artifacts) == 0 && len(out.Warnings) == 0 {
		return nil, nil
	}
	return out, nil
}

// encode writes what was decoded before, in no more bytes than it had.
func encode(o object) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(o) // it was decoded before
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// artifacts are those returned, or none when one of them is not as it should
// be (Zuul documentation, "Return values: artifacts").
func (b *build) artifacts() []scheduler.Artifact {
	value := b.returned.zuul("artifacts")
	list, ok := value.([]any)
	if value != nil && !ok {
		b.console.Say("Artifacts are ignored: they are not a list")
		return nil
	}
	var out []scheduler.Artifact
	for _, v := range list {
		o, _ := v.(object)
		name, hasName := o["name"].(string)
		link, hasURL := o["url"].(string)
		metadata, isObject := o["metadata"].(object)
		if !hasName || !hasURL || o["metadata"] != nil && !isObject {
			b.console.Say("Artifacts are ignored: each needs a name and a url, and metadata must be an object")
			return nil
		}
		a := scheduler.Artifact{Name: name, URL: join(b.logURL(), link)}
		if isObject {
			a.Metadata = encode(metadata)
		}
		out = append(out, a)
	}
	return out
}

// warnings are those returned, or none when one of them is no text.
func (b *build) warnings() []string {
	list, _ := b.returned.zuul("warnings").([]any)
	var out []string
	for _, v := range list {
		text, ok := v.(string)
		if !ok {
			b.console.Say("Warnings are ignored: each must be a text")
			return nil
		}
		out = append(out, text)
	}
	return out
}

// logURL is where the logs of the build will be: where the job says, or in the
// archive. It is empty when there is no such place.
func (b *build) logURL() string {
	if b.returned.wishes.LogURL != "" {
		return b.returned.wishes.LogURL
	}
	if b.cfg.Archive == nil || b.req.LogURL == "" {
		return ""
	}
	return strings.TrimSuffix(b.req.LogURL, "/") + "/" + string(b.start().Build) + "/"
}

// join makes a relative link one below base.
func join(base, link string) string {
	if base == "" {
		return link
	}
	at, err := url.Parse(strings.TrimSuffix(base, "/") + "/")
	if err != nil {
		return link
	}
	to, err := at.Parse(link)
	if err != nil {
		return link
	}
	return to.String()
}
