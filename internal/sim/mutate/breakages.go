package main

// breakage is one way to break the server: new stands in file, seen from the
// module's root, in the place of old, which must be there exactly once.
type breakage struct {
	what, file, old, new string
}

const (
	commit = "internal/engine/commit.go"
	load   = "internal/engine/load.go"
)

var breakages = []breakage{
	// The order of things around a decision.
	{"effects are performed before the commit", commit,
		"		head, err := e.cfg.Log.Append(ctx, rec)", "		e.perform(events)\n		head, err := e.cfg.Log.Append(ctx, rec)"},
	{"answers are acknowledged before the commit", commit,
		"		rec, err := e.record(events, mark)", "		finish(batch)\n		rec, err := e.record(events, mark)"},
	{"a conflict counts as committed", commit,
		"		if err == nil {\n			e.mark = mark", "		if err == nil || errors.Is(err, eventlog.ErrConflict) {\n			e.mark = mark"},
	{"an unknown outcome counts as committed", commit,
		"		if err == nil {\n			e.mark = mark", "		if err == nil || errors.Is(err, eventlog.ErrUnknown) {\n			e.mark = mark"},
	{"the working state is kept after a failed append", commit,
		"	if err := e.load(ctx); err != nil {\n		return false, err\n	}", "	kept := e.state\n	if err := e.load(ctx); err != nil {\n		return false, err\n	}\n	e.state = kept"},
	{"answers of a lost race are dropped with the inputs", commit,
		"		} else if ours {", "		} else if ours || input > 0 && e.mark.Seq >= mark.Seq {"},
	{"a kept record asks for nothing", commit,
		"			finish(batch)\n			e.perform(events)\n			e.performOpen()\n			return nil", "			finish(batch)\n			return nil"},
	{"nothing is asked again after a reload", commit,
		"	for _, f := range scheduler.OpenEffects(e.state) {\n		e.ask(f)\n	}", ""},
	{"the mark goes beyond what was decided", commit,
		"mark.Seq = max(mark.Seq, input)", "mark.Seq = max(mark.Seq, input+1)"},
	{"effects of a commit are forgotten", commit,
		"			e.perform(events)\n			if reloaded {", "			if reloaded {"},

	// Starting again.
	{"a start asks for nothing that is open", load,
		"	for _, f := range open {", "	for _, f := range open[:0] {"},
	{"a start believes in executors that are gone", load,
		"if e.cfg.Alive == nil || !e.cfg.Alive(name) {", "if false {"},
	{"a start does not load the configuration", load,
		"	first := []Delivery{{Command: scheduler.Reconfigure{Reason: \"started\"}}}", "	first := []Delivery{{Command: scheduler.LostExecutor{}}}"},
	{"the tail behind a snapshot is not folded", load,
		"		if r.Seq <= from {", "		if r.Seq <= from+1 {"},
	{"a snapshot is used though it is of another form", load,
		"|| snap.Version != scheduler.SnapshotVersion {", "{"},
	{"the mark of a snapshot is forgotten", load,
		"		if len(r.Inputs) > 0 {", "		if len(r.Inputs) > 0 && r.Seq > from {"},

	// The written form.
	{"warnings of a preparation are not written", "internal/wire/blob.go",
		"Warnings: e.Warnings, ", ""},
	{"the checksum of a record is not looked at", "internal/eventlog/record.go",
		"got, want := Checksum(data[5:]), binary.BigEndian.Uint32(data[1:5]); got != want {", "got, want := Checksum(data[5:]), binary.BigEndian.Uint32(data[1:5]); false && got != want {"},

	// Readers.
	{"the replica forgets where it is", "internal/replica/fold.go",
		"		t.folded = chain.Head\n", ""},
	{"commits that the read models have are applied again", "internal/store/apply.go",
		"	if c.Seq <= at.Seq {", "	if c.Seq < at.Seq {"},

	// The core, where only crashes or fights show it.
	{"open reports are not asked again", "scheduler/effects.go",
		"	for _, r := range s.Reports {\n		out = append(out, reportEffect(s, r))\n	}", ""},
	{"builds that nobody took are not asked again", "scheduler/effects.go",
		"		if b.wantsExecutor() && !s.answered(b.ID, \"\") {", "		if false {"},
	{"a snapshot lacks the identifiers of commands", "scheduler/restore.go",
		"		s.recent.add(id)", "		_ = id"},
	{"an event counts each time it comes", "scheduler/recent.go",
		"return r.set[id] }", "return false }"},
	{"a second result of a build counts", "scheduler/decide.go",
		"	b := s.builds[c.Build]\n	if b == nil || b.Result != \"\" {\n		return nil, late(c.Build)\n	}\n	if err", "	b := s.builds[c.Build]\n	if b == nil {\n		return nil, late(c.Build)\n	}\n	if err"},
	{"preparations of older buildsets count", "scheduler/decide.go",
		"it.Buildset.ID != c.Buildset || it.Buildset.Prepared", "it.Buildset.Prepared"},
	{"a stale landing counts as refused", "scheduler/report.go",
		"	case e.Stale:", "	case false:"},
	{"old facts bring a merged change back", "scheduler/trigger.go",
		"if old != nil && old.Merged && !c.Merged {", "if false {"},
	{"events do not wait for the configuration", "scheduler/settle.go",
		"s.Layout != nil && s.Loaded >= s.Requested", "s.Layout != nil"},
	{"an item that is being reported may be taken out", "scheduler/report.go",
		"return it.Live && !it.gone && it.Report == \"\" }", "return it.Live && !it.gone }"},
}
