package sandbox

import (
	"encoding/json"
	"os"
)

// statusReader reads what bubblewrap tells about its child.
type statusReader struct {
	f   *os.File
	dec *json.Decoder
}

type status struct {
	Child *int `json:"child-pid"`
	Exit  *int `json:"exit-code"`
}

func newStatusReader(f *os.File) *statusReader {
	return &statusReader{f: f, dec: json.NewDecoder(f)}
}

// child waits for the process id of the first process in the sandbox; 0 when
// bubblewrap gave up before.
func (r *statusReader) child() int {
	var s status
	if err := r.dec.Decode(&s); err != nil || s.Child == nil {
		return 0
	}
	return *s.Child
}

// ran reports, after bubblewrap ended, whether it got as far as starting the
// program: only then it tells an exit code.
func (r *statusReader) ran() bool {
	defer r.f.Close()
	for {
		var s status
		if err := r.dec.Decode(&s); err != nil {
			return false
		}
		if s.Exit != nil {
			return true
		}
	}
}
