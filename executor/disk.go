package executor

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// diskEvery is how often the workspace is measured; large ones less often, so
// that measuring never takes more than a tenth of the time.
const diskEvery = 500 * time.Millisecond

// watchDisk measures dirs until ctx ends, and calls exceeded once when they
// hold more than limit bytes.
func watchDisk(ctx context.Context, limit int64, exceeded func(), dirs ...string) {
	timer := time.NewTimer(diskEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		begin := time.Now()
		if diskUsage(ctx, limit, dirs...) > limit {
			exceeded()
			return
		}
		timer.Reset(max(diskEvery, 10*time.Since(begin)))
	}
}

// diskUsage returns the bytes that files in dirs take on disk; it stops
// counting beyond limit. Files with several names in dirs count for each,
// deleted ones that are still open do not.
func diskUsage(ctx context.Context, limit int64, dirs ...string) int64 {
	var sum int64
	for _, dir := range dirs {
		root, err := os.OpenRoot(dir)
		if err != nil {
			continue // not there yet
		}
		sum = addUsage(ctx, root, ".", sum, limit)
		_ = root.Close() // only read from
	}
	return sum
}

func addUsage(ctx context.Context, root *os.Root, name string, sum, limit int64) int64 {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return sum // gone meanwhile or closed to us
	}
	defer f.Close()
	for sum <= limit && ctx.Err() == nil {
		entries, err := f.ReadDir(512)
		for _, e := range entries {
			sum += blocks(e)
			if e.IsDir() {
				sum = addUsage(ctx, root, filepath.Join(name, e.Name()), sum, limit)
			}
		}
		if err != nil {
			break
		}
	}
	return sum
}

// blocks is the space of one entry.
func blocks(e fs.DirEntry) int64 {
	info, err := e.Info()
	if err != nil {
		return 0
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Blocks * 512
	}
	return info.Size()
}
