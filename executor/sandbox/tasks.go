package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// watchEvery is how often tasks are counted. A fork bomb makes some thousand
// processes in this time.
const watchEvery = 100 * time.Millisecond

// watchTasks calls kill when there are too many tasks, and reports that; it
// returns false when over is closed.
func watchTasks(crowded func() bool, over <-chan struct{}, kill func()) bool {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return false
		case <-tick.C:
			if crowded() {
				kill()
				return true
			}
		}
	}
}

// crowded reports whether the program has, or wanted, more tasks than the limit.
// A cgroup knows exactly; a walk over the processes can miss some of a bomb,
// whose parents end while it looks.
func (p *process) crowded(limit int) bool {
	if refused, current, ok := p.group.tasks(); ok {
		return refused || current > limit
	}
	return countTasks(p.pid(), limit) > limit
}

// countTasks counts the threads of pid and all its descendants, and stops
// soon after it found more than limit. Orphans of a sandbox stay below its
// first process, so none is missed.
func countTasks(pid, limit int) int {
	count := 0
	for todo := []int{pid}; len(todo) > 0 && count <= limit; {
		dir := fmt.Sprintf("/proc/%d/task", todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		threads, err := os.ReadDir(dir)
		if err != nil {
			continue // gone meanwhile
		}
		count += len(threads)
		for _, t := range threads {
			todo = append(todo, children(dir+"/"+t.Name()+"/children")...)
		}
	}
	return count
}

// children reads a list of process ids.
func children(file string) []int {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var pids []int
	for field := range bytes.FieldsSeq(data) {
		if pid, err := strconv.Atoi(string(field)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
