package explain

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Question is what somebody wants explained.
type Question struct {
	Tenant scheduler.TenantName
	// What names the subject: a change (12 or 12,3), a project with a branch,
	// tag or ref (org/app@main), or the identifier of an item, buildset or
	// build, or the beginning of one.
	What string
	// Pipeline leaves out items and refusals of others; empty means all.
	Pipeline scheduler.PipelineName
	// Job leaves out what is about other jobs, and asks why this one is not
	// there where it isn't; empty means all.
	Job scheduler.JobName
	// At is the time asked about; zero means now.
	At time.Time
}

// subject is what a question is about.
type subject struct {
	kind             Kind
	number, patchset int    // of a change; patchset 0 is any
	project, ref     string // of a ref
	id               string // of anything else
	pipeline         scheduler.PipelineName
	only             scheduler.JobName // of the question

	// items are those that it is about, as far as they are known; buildset
	// and build narrow it down.
	items    map[scheduler.ItemID]bool
	buildset scheduler.BuildsetID
	build    scheduler.BuildID
	job      scheduler.JobKey // of the build
}

var (
	changeForm = regexp.MustCompile(`^([0-9]{1,9})(?:,([0-9]{1,9}))?$`)
	idForm     = regexp.MustCompile(`^[0-9a-f]{4,32}$`)
)

// parse reads what was asked about.
func (q Question) parse() (*subject, error) {
	s := &subject{pipeline: q.Pipeline, only: q.Job, items: map[scheduler.ItemID]bool{}}
	if m := changeForm.FindStringSubmatch(q.What); m != nil {
		s.kind = KindChange
		s.number, _ = strconv.Atoi(m[1]) // digits
		s.patchset, _ = strconv.Atoi(m[2])
		return s, nil
	}
	if project, ref, ok := strings.Cut(q.What, "@"); ok && project != "" && ref != "" {
		s.kind, s.project, s.ref = KindRef, project, ref
		return s, nil
	}
	if idForm.MatchString(q.What) {
		s.id = q.What
		return s, nil
	}
	return nil, &scheduler.Rejection{
		Code: "invalid", Subject: clip(q.What),
		Message: "not a change (12 or 12,3), a ref (project@branch), or at least 4 digits of an identifier",
	}
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80]
	}
	return s
}

// means reports whether a ref is the one asked about.
func (s *subject) means(r scheduler.Ref) bool {
	switch s.kind {
	case KindChange:
		return r.Number == s.number && (s.patchset == 0 || r.Patchset == s.patchset)
	case KindRef:
		return !r.IsChange() && (s.project == r.Name || s.project == string(r.Project)) &&
			(s.ref == r.Ref || s.ref == r.Branch || "refs/tags/"+s.ref == r.Ref || s.ref == r.NewRev)
	}
	return false
}

// meansAny reports whether one of the refs is meant.
func (s *subject) meansAny(refs []scheduler.Ref) bool {
	for _, r := range refs {
		if s.means(r) {
			return true
		}
	}
	return false
}
