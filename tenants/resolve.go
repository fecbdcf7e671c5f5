package tenants

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Zuul reads YAML 1.1 as PyYAML does, where yes is true and 08 is a word. The
// YAML library follows 1.2 in places, so plain scalars are resolved here.
var (
	yamlBool  = regexp.MustCompile(`^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$`)
	yamlFloat = regexp.MustCompile(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
	yamlInt   = regexp.MustCompile(`^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$`)
	yamlNull  = regexp.MustCompile(`^(?:~|null|Null|NULL|)$`)
)

// longestWord bounds what can be anything but a string, in bytes.
const longestWord = 64

// resolveScalar returns the short tag of a plain scalar.
func resolveScalar(s string) string {
	switch {
	case len(s) > longestWord:
		return "!!str"
	case yamlNull.MatchString(s):
		return "!!null"
	case yamlBool.MatchString(s):
		return "!!bool"
	case yamlInt.MatchString(s):
		return "!!int"
	case yamlFloat.MatchString(s):
		return "!!float"
	case s == "<<":
		return "!!merge"
	}
	return "!!str"
}

// customTag reads an explicit tag of y into n.
func (c *converter) customTag(n *node, y *yaml.Node) bool {
	if y.Style&yaml.TaggedStyle == 0 {
		return true
	}
	switch tag := y.ShortTag(); tag {
	case "!override":
		n.mode = mergeOverride
	case "!inherit":
		n.mode = mergeInherit
	case "!encrypted/pkcs1-oaep":
		n.encrypted = true
	case "!!str", "!!int", "!!bool", "!!null", "!!float":
		n.tag = tag
	case "!!seq", "!!map", "!":
	default:
		c.fail(y, CodeUnknownTag, "the tags of the language are !encrypted/pkcs1-oaep, !override and !inherit", "unknown YAML tag %q", tag)
		return false
	}
	return true
}

// boolean returns the value of a !!bool.
func (n *node) boolean() bool {
	switch strings.ToLower(n.text) {
	case "yes", "true", "on":
		return true
	}
	return false
}

// integer returns the value of an !!int; ok is false outside 64 bits.
func (n *node) integer() (v int64, ok bool) {
	s := strings.ReplaceAll(n.text, "_", "")
	sign := int64(1)
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	base := 10
	switch {
	case s == "0":
	case strings.HasPrefix(s, "0b"):
		base, s = 2, s[2:]
	case strings.HasPrefix(s, "0x"):
		base, s = 16, s[2:]
	case strings.HasPrefix(s, "0"):
		base, s = 8, s[1:]
	case strings.Contains(s, ":"):
		return sexagesimal(s, sign)
	}
	v, err := strconv.ParseInt(s, base, 64)
	return sign * v, err == nil
}

// sexagesimal reads numbers such as 1:30, which YAML 1.1 counts by sixties.
func sexagesimal(s string, sign int64) (int64, bool) {
	var v int64
	for part := range strings.SplitSeq(s, ":") {
		digit, err := strconv.ParseInt(part, 10, 64)
		if err != nil || v > math.MaxInt64/120 {
			return 0, false
		}
		v = v*60 + digit
	}
	return sign * v, true
}

// float returns the value of a !!float; ok is false for what JSON cannot say.
func (n *node) float() (v float64, ok bool) {
	s := strings.ToLower(strings.ReplaceAll(n.text, "_", ""))
	if strings.Contains(s, ":") {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}
