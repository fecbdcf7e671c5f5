package explain

import (
	"fmt"

	"github.com/gozer-ci/gozer/scheduler"
)

// queueRows tell of change queues and their windows.
var queueRows = []row{
	rowOf(sayQueueCreated),
	rowOf(sayQueueDeleted),
	rowOf(sayWindowResized),
}

func sayQueueCreated(_ *who, e scheduler.QueueCreated) Said {
	name := string(e.Name)
	if name == "" {
		name = "of its own"
	}
	return sayf("%s got a queue %s with a window of %s", e.Pipeline, name, window(e.Window)).minor()
}

func sayQueueDeleted(_ *who, _ scheduler.QueueDeleted) Said {
	return sayf("The empty queue is gone").minor()
}

func sayWindowResized(w *who, e scheduler.WindowResized) Said {
	was, known := w.windows[e.Queue]
	switch {
	case !known:
		return sayf("The window of the queue is %s now", window(e.Size)).because(e.Reason)
	case e.Size == 0 || was != 0 && e.Size > was:
		return sayf("The window of the queue grew from %d to %s", was, window(e.Size)).because(e.Reason)
	}
	return sayf("The window of the queue shrank from %s to %d", window(was), e.Size).because(e.Reason)
}

func window(size int) string {
	if size == 0 {
		return "any number of items"
	}
	return count(size, "item")
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
