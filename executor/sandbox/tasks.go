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

// watchTasks calls kill when pid and its descendants have more than limit
// tasks, and reports that; it returns false when over is closed.
func watchTasks(pid, limit int, over <-chan struct{}, kill func()) bool {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return false
		case <-tick.C:
			if countTasks(pid, limit) > limit {
				kill()
				return true
			}
		}
	}
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
