package natssource

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// suffix is what the subject option of a reporter may be: tokens with dots.
var suffix = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// Report publishes r once for each of its reporters that names this
// connection: on gozer.report.<tenant>.<pipeline>.<action>, or
// gozer.report.<tenant>.<subject> when the reporter has the option subject.
// Nothing tells whether somebody listened. Publishing twice is harmless: both
// have the same Nats-Msg-Id. A subject that can't be one is a *source.Error.
func (s *Source) Report(ctx context.Context, r scheduler.Report) error {
	data, err := json.Marshal(newReport(r))
	if err != nil {
		return fmt.Errorf("publish report %s: %w", r.Report, err)
	}
	for i, to := range r.Reporters {
		if to.Connection != s.cfg.Connection {
			continue
		}
		tokens := []string{string(r.Pipeline), string(r.Action)}
		if option := to.Options["subject"]; option != "" {
			if !suffix.MatchString(option) {
				return invalid("report %s was not published: subject %q of pipeline %s is not made of letters, digits, dashes and dots", r.Report, option, r.Pipeline)
			}
			tokens = strings.Split(option, ".")
		}
		id := fmt.Sprintf("%s-%s-%d", r.Report, to.Connection, i)
		if err := s.cfg.Broker.PublishReport(ctx, r.Tenant, tokens, id, data); err != nil {
			return err
		}
	}
	return nil
}

// report is the JSON of a report; docs/events.md describes it.
type report struct {
	ID       string        `json:"id"`
	Tenant   string        `json:"tenant"`
	Pipeline string        `json:"pipeline"`
	Action   string        `json:"action"`
	Result   string        `json:"result,omitempty"`
	Message  string        `json:"message,omitempty"`
	Buildset string        `json:"buildset,omitempty"`
	Refs     []reportRef   `json:"refs"`
	Builds   []reportBuild `json:"builds"`
}

type reportRef struct {
	Project  string `json:"project"`
	Branch   string `json:"branch,omitempty"`
	Ref      string `json:"ref"`
	Change   int    `json:"change,omitempty"`
	Patchset int    `json:"patchset,omitempty"`
	OldRev   string `json:"oldrev,omitempty"`
	NewRev   string `json:"newrev,omitempty"`
	URL      string `json:"url,omitempty"`
}

type reportBuild struct {
	UUID   string `json:"uuid"`
	Job    string `json:"job"`
	Result string `json:"result"`
	Voting bool   `json:"voting"`
	URL    string `json:"url,omitempty"`
	// Duration in seconds.
	Duration float64 `json:"duration"`
}

func newReport(r scheduler.Report) report {
	out := report{
		ID: string(r.Report), Tenant: string(r.Tenant), Pipeline: string(r.Pipeline), Action: string(r.Action),
		Result: string(r.Result), Message: r.Message, Buildset: string(r.Buildset),
		Refs: make([]reportRef, 0, len(r.Refs)), Builds: make([]reportBuild, 0, len(r.Builds)),
	}
	for _, ref := range r.Refs {
		out.Refs = append(out.Refs, reportRef{
			Project: string(ref.Project), Branch: ref.Branch, Ref: ref.Ref, Change: ref.Number, Patchset: ref.Patchset,
			OldRev: ref.OldRev, NewRev: ref.NewRev, URL: ref.URL,
		})
	}
	for _, b := range r.Builds {
		out.Builds = append(out.Builds, reportBuild{
			UUID: string(b.Build), Job: string(b.Job), Result: string(b.Result), Voting: b.Voting, URL: b.URL,
			Duration: b.Duration.Seconds(),
		})
	}
	return out
}
