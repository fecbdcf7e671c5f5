package tenants

import (
	"maps"

	"github.com/gozer-ci/gozer/scheduler"
)

// The grammars of Zuul's drivers that Gozer does not have. What they say is
// checked, so that a configuration can be tried out, and then left out.

// checked makes an attribute that must be right and is not kept.
func checked[T, V any](name string, read func(*decoder, *node) (V, bool)) attribute[T] {
	return attribute[T]{name: name, decode: func(d *decoder, v *node, _ *T) { read(d, v) }}
}

// leaveOut makes the reader of something that is checked and left out.
func leaveOut[T any](s *schema[T]) func(*decoder, *node) (T, bool) {
	return func(d *decoder, v *node) (t T, ok bool) {
		s.decode(d, v, &t)
		return t, false
	}
}

type (
	trigger  = scheduler.EventFilter
	filter   = scheduler.RefFilter
	reporter = scheduler.Reporter
)

func driverTrigger(attrs ...attribute[trigger]) func(*decoder, *node) (trigger, bool) {
	return leaveOut(&schema[trigger]{noun: "trigger", attrs: append(attrs, debugTrigger())})
}

func driverFilter(attrs ...attribute[filter]) func(*decoder, *node) (filter, bool) {
	return leaveOut(&schema[filter]{noun: "requirement", attrs: attrs})
}

func driverReporter(attrs ...attribute[reporter]) func(*decoder, *node) (reporter, bool) {
	return leaveOut(&schema[reporter]{noun: "reporter", attrs: attrs})
}

func event(words ...string) attribute[trigger] {
	return must(checked[trigger]("event", listOf(oneOf(words...))))
}

func triggerWords(names ...string) []attribute[trigger] {
	var out []attribute[trigger]
	for _, n := range names {
		out = append(out, checked[trigger](n, (*decoder).words))
	}
	return out
}

func triggerPatterns(names ...string) []attribute[trigger] {
	var out []attribute[trigger]
	for _, n := range names {
		out = append(out, checked[trigger](n, (*decoder).patterns))
	}
	return out
}

// flags makes attributes that are true or false.
func flags[T any](names ...string) []attribute[T] {
	var out []attribute[T]
	for _, n := range names {
		out = append(out, checked[T](n, (*decoder).boolean))
	}
	return out
}

func texts[T any](names ...string) []attribute[T] {
	var out []attribute[T]
	for _, n := range names {
		out = append(out, checked[T](n, (*decoder).text))
	}
	return out
}

// githubReviewSchema is who reviewed a pull request, and how.
var githubReviewSchema = &schema[struct{}]{noun: "review", attrs: []attribute[struct{}]{
	checked[struct{}]("username", (*decoder).pattern),
	checked[struct{}]("email", (*decoder).pattern),
	checked[struct{}]("older-than", (*decoder).word),
	checked[struct{}]("newer-than", (*decoder).word),
	checked[struct{}]("type", (*decoder).word),
	checked[struct{}]("permission", oneOf("read", "write", "admin")),
}}

func githubFilter() func(*decoder, *node) (filter, bool) {
	review := func(d *decoder, v *node) (t struct{}, ok bool) { return t, githubReviewSchema.decode(d, v, &t) }
	attrs := []attribute[filter]{
		checked[filter]("status", (*decoder).patterns),
		checked[filter]("review", listOf(review)),
		checked[filter]("label", (*decoder).words),
	}
	return driverFilter(append(attrs, flags[filter]("open", "merged", "current-patchset", "draft")...)...)
}

// githubGrammar follows Zuul's manual, "GitHub driver".
func githubGrammar() grammar {
	attrs := []attribute[trigger]{
		event("pull_request", "pull_request_review", "push", "check_run"),
		checked[trigger]("require", githubFilter()), checked[trigger]("reject", githubFilter()),
	}
	attrs = append(attrs, triggerWords("action", "label", "unlabel", "state", "require-status", "status", "check", "permission")...)
	attrs = append(attrs, triggerPatterns("branch", "ref", "comment")...)
	report := []attribute[reporter]{
		checked[reporter]("status", oneOf("pending", "success", "failure")),
		checked[reporter]("review", oneOf("approve", "request-changes", "comment")),
		checked[reporter]("check", oneOf("queued", "in_progress", "success", "failure", "cancelled", "skipped", "neutral")),
		checked[reporter]("label", (*decoder).words), checked[reporter]("unlabel", (*decoder).words),
	}
	report = append(report, flags[reporter]("comment", "merge")...)
	report = append(report, texts[reporter]("status-url", "review-body")...)
	return grammar{idle: true, trigger: driverTrigger(attrs...), filter: githubFilter(), reporter: driverReporter(report...)}
}

// gitlabGrammar follows Zuul's manual, "GitLab driver".
func gitlabGrammar() grammar {
	attrs := append([]attribute[trigger]{event("gl_merge_request", "gl_push")}, triggerWords("action", "labels", "unlabels")...)
	report := append(flags[reporter]("comment", "approval", "merge"),
		checked[reporter]("label", (*decoder).words), checked[reporter]("unlabel", (*decoder).words))
	require := append(flags[filter]("open", "merged", "approved"), checked[filter]("labels", (*decoder).words))
	return grammar{
		idle: true, trigger: driverTrigger(append(attrs, triggerPatterns("comment", "ref", "branch")...)...),
		filter: driverFilter(require...), reporter: driverReporter(report...),
	}
}

// pagureGrammar follows Zuul's manual, "Pagure driver".
func pagureGrammar() grammar {
	attrs := append([]attribute[trigger]{event("pg_pull_request", "pg_pull_request_review", "pg_push")}, triggerWords("action", "status", "tag")...)
	report := append(flags[reporter]("comment", "merge"), texts[reporter]("status-url")...)
	require := append(flags[filter]("open", "merged"),
		checked[filter]("score", (*decoder).integer), checked[filter]("status", (*decoder).word), checked[filter]("tags", (*decoder).words))
	return grammar{
		idle: true, trigger: driverTrigger(append(attrs, triggerPatterns("comment", "ref")...)...), filter: driverFilter(require...),
		reporter: driverReporter(append(report, checked[reporter]("status", oneOf("pending", "success", "failure")))...),
	}
}

// withOthers adds the grammars that are checked only.
func withOthers(own map[string]grammar) map[string]grammar {
	maps.Copy(own, otherGrammars())
	return own
}

// otherGrammars are the smaller drivers of Zuul's manual.
func otherGrammars() map[string]grammar {
	gitAttrs := append([]attribute[trigger]{event("ref-updated")}, triggerPatterns("ref")...)
	return map[string]grammar{
		"github": githubGrammar(), "gitlab": gitlabGrammar(), "pagure": pagureGrammar(),
		"git":   {idle: true, trigger: driverTrigger(append(gitAttrs, flags[trigger]("ignore-deletes")...)...)},
		"timer": {idle: true, trigger: driverTrigger(must(checked[trigger]("time", (*decoder).text)), checked[trigger]("dereference", (*decoder).boolean))},
		"smtp":  {idle: true, reporter: driverReporter(texts[reporter]("to", "from", "subject")...)},
		"mqtt": {idle: true, reporter: driverReporter(append(flags[reporter]("include-returned-data"),
			must(checked[reporter]("topic", (*decoder).text)), checked[reporter]("qos", between(0, 2)))...)},
		"elasticsearch": {idle: true, reporter: driverReporter(append(flags[reporter]("index-vars", "index-returned-vars"),
			checked[reporter]("index", (*decoder).text))...)},
		"sql": {idle: true, reporter: driverReporter()},
	}
}

// between returns a reader of integers with two bounds.
func between(least, most int) func(*decoder, *node) (int, bool) {
	return func(d *decoder, v *node) (int, bool) {
		i, ok := atLeast(least)(d, v)
		if ok && i > most {
			return 0, d.report(v, CodeBadValue, "expected a number of at most %d, got %d", most, i)
		}
		return i, ok
	}
}
