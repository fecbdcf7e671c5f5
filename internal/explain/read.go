package explain

import (
	"cmp"
	"fmt"
	"slices"
)

// read tells the story what happened in the spans of the log that matter, and
// returns notes about what was left out.
func (a *asking) read(t *story, sc scene) ([]string, error) {
	spans, notes, err := a.toRead(sc)
	if err != nil {
		return nil, err
	}
	for _, s := range spans {
		err := a.cfg.Past.Commits(a.ctx, a.q.Tenant, s.From, s.To, func(c Commit) error {
			t.commit(c)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read the log of tenant %s: %w", a.q.Tenant, err)
		}
	}
	return notes, nil
}

// toRead returns the spans in order and without overlaps.
func (a *asking) toRead(sc scene) ([]Span, []string, error) {
	if a.cfg.Index == nil {
		return []Span{{From: 1, To: a.at.Seq}}, nil, nil
	}
	spans := a.spans
	if !sc.since.IsZero() { // the index may not know the newest items
		p, err := a.find(sc.since)
		if err != nil {
			return nil, nil, err
		}
		spans = append(slices.Clone(spans), Span{From: p.Seq, Since: sc.since})
	}
	if len(spans) == 0 {
		from := a.oldest()
		if from == 1 {
			return []Span{{From: 1, To: a.at.Seq}}, nil, nil
		}
		return []Span{{From: from, To: a.at.Seq}}, []string{
			fmt.Sprintf("The history knows of no item and no refusal; only the newest %d commits, from record %d on, were read.", a.cfg.Most, from),
		}, nil
	}
	var closed []Span
	for _, s := range spans {
		if s.From > a.at.Seq {
			continue
		}
		if s.To == 0 || s.To > a.at.Seq {
			s.To = a.at.Seq
		}
		s, err := a.widen(s)
		if err != nil {
			return nil, nil, err
		}
		closed = append(closed, s)
	}
	merged := merge(closed)
	left, notes := a.afford(merged)
	return left, notes, nil
}

// merge sorts spans and joins those that overlap.
func merge(spans []Span) []Span {
	slices.SortFunc(spans, func(x, y Span) int { return cmp.Compare(x.From, y.From) })
	var out []Span
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To+1 {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// afford leaves the oldest spans out when all together are too long. The
// newest one is cut rather than left out.
func (a *asking) afford(spans []Span) ([]Span, []string) {
	if a.cfg.Most == 0 {
		return spans, nil
	}
	left := a.cfg.Most
	for i, s := range slices.Backward(spans) {
		length := s.To - s.From + 1
		if length <= left {
			left -= length
			continue
		}
		rest := spans[i+1:]
		if left > 0 {
			s.From = s.To - left + 1
			rest = append([]Span{s}, rest...)
		}
		return rest, []string{fmt.Sprintf("What happened before record %d is left out: one answer reads %d commits at most.", rest[0].From, a.cfg.Most)}
	}
	return spans, nil
}
