package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// changeRows tell of the facts about changes.
var changeRows = []row{
	rowOf(sayChangeUpdated),
	rowOf(sayChangeForgotten),
}

// sayChangeUpdated tells what differs from what was known.
func sayChangeUpdated(w *who, e scheduler.ChangeUpdated) Said {
	old, known := w.changes[e.Change.Key()]
	if !known {
		return sayf("%s is known: %s", e.Change.Ref, facts(e.Change)).minor()
	}
	news := changed(old, e.Change)
	if len(news) == 0 {
		return sayf("The source told of %s again", e.Change.Ref).minor()
	}
	return sayf("%s %s", e.Change.Ref, enumerate(news))
}

// facts says how a change is.
func facts(c scheduler.Change) string {
	words := []string{"open"}
	switch {
	case c.Merged:
		words[0] = "merged"
	case !c.Open:
		words[0] = "abandoned"
	}
	if c.Blocked {
		words = append(words, "vetoed")
	}
	if len(c.MissingLabels) > 0 {
		words = append(words, "without "+enumerate(c.MissingLabels))
	}
	if len(c.Needs) > 0 {
		words = append(words, "needs "+needs(c.Needs))
	}
	return strings.Join(words, ", ")
}

func needs(list []scheduler.Need) string {
	names := make([]string, len(list))
	for i, n := range list {
		names[i] = n.Change.String()
	}
	return enumerate(names)
}

// changed lists what is new about a change, as predicates.
func changed(old, c scheduler.Change) []string {
	var out []string
	add := func(is bool, text string) {
		if is {
			out = append(out, text)
		}
	}
	add(c.Merged && !old.Merged, "has merged")
	add(!c.Merged && !c.Open && old.Open, "was abandoned")
	add(c.Open && !old.Open, "was restored")
	add(c.Patchset != old.Patchset, fmt.Sprintf("has patchset %d instead of %d", c.Patchset, old.Patchset))
	add(c.Blocked && !old.Blocked, "was vetoed")
	add(!c.Blocked && old.Blocked, "is no longer vetoed")
	lost := without(c.MissingLabels, old.MissingLabels)
	add(len(lost) > 0, "lost "+enumerate(lost))
	won := without(old.MissingLabels, c.MissingLabels)
	add(len(won) > 0, "got "+enumerate(won))
	if !slices.Equal(c.Needs, old.Needs) {
		add(len(c.Needs) > 0, "needs "+needs(c.Needs))
		add(len(c.Needs) == 0, "needs nothing any more")
	}
	return out
}

// without returns what is in list and not in other.
func without(list, other []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(other, s) {
			out = append(out, s)
		}
	}
	return out
}

func sayChangeForgotten(_ *who, e scheduler.ChangeForgotten) Said {
	return sayf("Facts about %s are forgotten: no item holds or needs the change", count(len(e.Changes), "change")).minor()
}
