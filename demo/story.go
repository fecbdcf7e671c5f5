package demo

import "embed"

// content holds the projects as they are first pushed (files/) and the files
// that each change puts over them (changes/).
//
//go:embed all:files all:changes
var content embed.FS

// projects in the order they are pushed.
var projects = []string{"config", "temperature", "weather"}

// change is one act of the story.
type change struct {
	dir     string // below changes/
	project string
	subject string
	// needs is the index of a change that this one depends on; -1 is none.
	needs int
	// about tells the audience what to expect.
	about string
	// merges is how the story must end for it.
	merges bool
}

// story is what the demo does; its changes are approved in this order.
var story = []change{
	{dir: "1-strict", project: "temperature", subject: "Take whole degrees only", needs: -1, merges: true,
		about: "a good change"},
	{dir: "2-hottest", project: "weather", subject: "Find the hottest station", needs: -1,
		about: "has a bug: its own test fails"},
	{dir: "3-halves", project: "weather", subject: "Bergen measures half degrees now", needs: -1,
		about: "passes alone, but not together with the first: the reason why gates exist"},
	{dir: "4-mean", project: "temperature", subject: "Add the mean, and check the syntax of scripts", needs: -1, merges: true,
		about: "changes its own job, which runs for it at once"},
	{dir: "5-use-mean", project: "weather", subject: "Report the mean temperature", needs: 3, merges: true,
		about: "depends on the fourth, in another project"},
}
