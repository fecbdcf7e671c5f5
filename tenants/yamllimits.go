package tenants

import "fmt"

// MaxFileBytes is the size of the largest file that configuration is read from;
// those of untrusted projects may have a quarter of it.
const MaxFileBytes = 4 << 20

// limits bound what parsing one file costs.
type limits struct {
	bytes int
	// marks bound the YAML indicators before the file is parsed, and with them
	// its nodes.
	marks int
	// nodes are those after aliases are expanded.
	nodes int
	// programs are the instructions of all different regular expressions.
	programs int
}

// Anybody may propose a file to an untrusted project. The tenant file and
// config-projects are their operators' own, and hold what all projects share.
var (
	strictLimits = limits{bytes: MaxFileBytes / 4, marks: 150_000, nodes: 400_000, programs: 200_000}
	wideLimits   = limits{bytes: MaxFileBytes, marks: 600_000, nodes: 1_600_000, programs: 1_600_000}
)

func limitsFor(trusted bool) limits {
	if trusted {
		return wideLimits
	}
	return strictLimits
}

// Limits of one configuration file. They keep a hostile file from costing
// more than a few milliseconds and megabytes.
const (
	maxScalarBytes = 256 << 10
	maxDepth       = 100
	// maxMerged bounds the pairs that "<<" copies.
	maxMerged = 100_000
)

// precheck refuses a file that would cost too much to parse.
func precheck(data []byte, most limits) *problem {
	if len(data) > most.bytes {
		return &problem{code: CodeFileTooLarge, text: fmt.Sprintf("the file has more than %d bytes", most.bytes), hint: "split it, or move data into files that jobs read"}
	}
	marks := 0
	for i, b := range data {
		switch b {
		case ',', '[', '{', '&', '*', '!':
			marks++
		case '#':
			marks += 2
		case ':', '-', '?':
			if i+1 == len(data) || data[i+1] <= ' ' {
				marks++
			}
		}
	}
	if marks > most.marks {
		return &problem{code: CodeTooManyNodes, text: fmt.Sprintf("the file has more than %d YAML indicators", most.marks), hint: "split it, or move data into files that jobs read"}
	}
	return nil
}
