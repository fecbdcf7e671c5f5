package tenants

import (
	"regexp/syntax"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// maxRegexProgram bounds a compiled regular expression, in instructions.
// Matching takes time in proportion to it.
const maxRegexProgram = 2000

// maxRegexLength bounds one expression in bytes.
const maxRegexLength = 4096

// pattern reads a regular expression: a text, or a mapping of regex and negate.
func (d *decoder) pattern(v *node) (scheduler.Pattern, bool) {
	if d.probe != nil {
		d.probe.add("string")
		d.probe.object = regexShape
		return scheduler.Pattern{}, true
	}
	if v.kind != mapNode {
		text, ok := d.text(v)
		if !ok {
			return scheduler.Pattern{}, false
		}
		return d.compile(v, text, false)
	}
	var regex *node
	var text string
	var negate bool
	ok := true
	for _, p := range v.pairs {
		var good bool
		switch p.key.text {
		case "regex":
			regex = p.value
			text, good = d.text(p.value)
		case "negate":
			negate, good = d.boolean(p.value)
		default:
			good = d.hinted(p.key, CodeUnknownKey, didYouMean(p.key.text, []string{"regex", "negate"}), "regular expression has no attribute %q", p.key.text)
		}
		ok = ok && good
	}
	if regex == nil {
		return scheduler.Pattern{}, d.report(v, CodeMissingKey, "regular expression needs the attribute %q", "regex")
	}
	if !ok {
		return scheduler.Pattern{}, false
	}
	return d.compile(regex, text, negate)
}

func (d *decoder) patterns(v *node) ([]scheduler.Pattern, bool) {
	return listOf((*decoder).pattern)(d, v)
}

// fullPattern reads a regular expression that must match the whole text.
func (d *decoder) fullPattern(v *node) (scheduler.Pattern, bool) {
	text, ok := d.text(v)
	if !ok {
		return scheduler.Pattern{}, false
	}
	return d.compile(v, "(?:"+text+`)\z`, false)
}

// compile makes a pattern. A negative lookahead at the start, which Zuul still
// takes, becomes a negated pattern.
func (d *decoder) compile(v *node, text string, negate bool) (scheduler.Pattern, bool) {
	if inner, ok := leadingLookahead(text); ok {
		d.hinted(v, CodeRegexDeprecated, "write {regex: ..., negate: true}", "the regular expression %q uses a lookahead; it is read as the negation of %q", text, inner)
		text, negate = inner, !negate
	}
	if p, ok := d.patternsSeen[text]; ok {
		p.Negate = negate
		return p, true
	}
	if len(text) > maxRegexLength {
		return scheduler.Pattern{}, d.report(v, CodeRegexTooLarge, "the regular expression has more than %d bytes", maxRegexLength)
	}
	if d.programs > limitsFor(d.trusted).programs {
		return scheduler.Pattern{}, d.report(v, CodeRegexTooLarge, "the regular expressions of the file are together too large")
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return scheduler.Pattern{}, d.hinted(v, CodeBadRegex, regexHint(text), "the regular expression %q cannot be used: %s", text, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	program, err := syntax.Compile(tree.Simplify())
	if err == nil {
		d.programs += len(program.Inst)
	}
	if err != nil || len(program.Inst) > maxRegexProgram {
		return scheduler.Pattern{}, d.hinted(v, CodeRegexTooLarge, "use smaller repeat counts", "the regular expression is too large")
	}
	p, err := scheduler.NewPattern(text, negate)
	if err != nil {
		return scheduler.Pattern{}, d.report(v, CodeBadRegex, "the regular expression %q cannot be used: %v", text, err)
	}
	if d.patternsSeen == nil {
		d.patternsSeen = map[string]scheduler.Pattern{}
	}
	d.patternsSeen[text] = p
	return p, true
}

// leadingLookahead returns X of ^(?!X), with or without .* and $ behind it.
func leadingLookahead(text string) (inner string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(text, "^"), "(?!")
	if !ok {
		return "", false
	}
	depth, class := 1, false
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\':
			i++
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if depth == 0 {
			tail := rest[i+1:]
			return rest[:i], tail == "" || tail == ".*" || tail == ".*$"
		}
	}
	return "", false
}

// regexHint tells how to write what RE2 does not know.
func regexHint(text string) string {
	switch {
	case strings.Contains(text, "(?!"):
		return "RE2 has no lookahead; write {regex: ..., negate: true}"
	case strings.Contains(text, "(?="), strings.Contains(text, "(?<"):
		return "RE2 has no lookahead or lookbehind"
	case strings.Contains(text, `\Z`):
		return `write \z instead of \Z`
	}
	return "the syntax is RE2's"
}
