package perf

import "fmt"

// gate is a tenant's configuration with one dependent pipeline; trigger is the
// event that puts changes into it, votes what it sets beside Verified.
func gate(trigger, votes string) string {
	return `- job:
    name: base
    parent: null
- job:
    name: instant
    parent: base
    run: run/true.sh
- queue:
    name: shared
- pipeline:
    name: gate
    manager: dependent
    trigger:
      local:
` + trigger + `    success:
      local:
        Verified: 2
` + votes + `        submit: true
    failure:
      local:
        Verified: -2
`
}

const (
	onApproval = "        - event: comment-added\n          approval:\n            - Workflow: 1\n"
	onPush     = "        - event: patchset-created\n"
	approving  = "        Workflow: 1\n"
)

// stanza is a project's own configuration.
func stanza(queue, job string) string {
	if queue != "" {
		queue = "    queue: " + queue + "\n"
	}
	return "- project:\n" + queue + "    gate:\n      jobs:\n        - " + job + "\n"
}

func projectNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("project-%d", i)
	}
	return names
}
