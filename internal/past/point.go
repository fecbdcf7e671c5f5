package past

import (
	"context"
	"fmt"
	"time"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Point is a place in a tenant's log.
type Point struct {
	// Seq is the newest commit at the time At; Time is when it was made.
	Seq      uint64
	Time, At time.Time
}

// skew is how far in the future a time may be and still count as now: clocks
// of askers differ a little.
const skew = 5 * time.Second

// Find returns the newest commit at a time; the zero time is now. A time
// before the first commit or in the future is a Rejection. Should the clock of
// the server have jumped back, some commit that was the newest then is taken.
func (r *Reader) Find(ctx context.Context, t scheduler.TenantName, at time.Time) (Point, error) {
	now := r.cfg.Now().UTC()
	if at.IsZero() {
		at = now
	}
	if at.After(now.Add(skew)) {
		return Point{}, &scheduler.Rejection{
			Code: "invalid", Subject: stamp(at), Message: "the time is in the future, it is " + stamp(now) + " now",
		}
	}
	head, err := r.cfg.Log.Head(ctx, t)
	if err != nil {
		return Point{}, fmt.Errorf("head of tenant %s: %w", t, err)
	}
	if head.Seq == 0 {
		return Point{}, &scheduler.Rejection{Code: "not_found", Message: "the log has nothing of the tenant", Subject: string(t)}
	}
	first, err := r.timeOf(ctx, t, 1)
	if err != nil {
		return Point{}, err
	}
	if at.Before(first) {
		return Point{}, &scheduler.Rejection{
			Code: "invalid", Subject: stamp(at), Message: "the tenant's log began later, at " + stamp(first),
		}
	}
	return r.search(ctx, t, head.Seq, Point{Seq: 1, Time: first, At: at.UTC()})
}

// search halves the log between p, which is early enough, and the head.
func (r *Reader) search(ctx context.Context, t scheduler.TenantName, head uint64, p Point) (Point, error) {
	late := head + 1
	for probe := head; late-p.Seq > 1; probe = p.Seq + (late-p.Seq)/2 {
		if probe == p.Seq { // cannot be: late is at least two more
			break
		}
		made, err := r.timeOf(ctx, t, probe)
		if err != nil {
			return p, err
		}
		if made.After(p.At) {
			late = probe
		} else {
			p.Seq, p.Time = probe, made
		}
	}
	return p, nil
}

// timeOf reads when a record was made.
func (r *Reader) timeOf(ctx context.Context, t scheduler.TenantName, seq uint64) (made time.Time, err error) {
	err = r.Records(ctx, t, seq, seq, func(rec eventlog.Record) error {
		made = rec.Time
		return errEnough
	})
	return made, err
}

// stamp writes a time for people.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
