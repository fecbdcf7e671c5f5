// Package tenantfile reads the tenant file: a file, or what a program prints.
package tenantfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// MaxBytes bounds what is read; more makes a file that the parser refuses.
	MaxBytes = 4<<20 + 1
	// patience bounds how long a program may take.
	patience = time.Minute
	// complaintBytes bounds how much of a program's complaint is passed on.
	complaintBytes = 2000
)

// Read returns the tenant file at path. A file that is executable and begins
// with "#!" is run in its directory, without arguments, and what it prints
// counts (Zuul documentation, "scheduler.tenant_config_script"). The file that
// is not there makes an error that is fs.ErrNotExist.
func Read(ctx context.Context, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxBytes))
	if err != nil || info.Mode()&0o111 == 0 || !bytes.HasPrefix(data, []byte("#!")) {
		return data, err
	}
	return run(ctx, path)
}

// run returns what the program prints.
func run(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	out, complaint := &capped{left: MaxBytes}, &capped{left: complaintBytes}
	cmd := exec.CommandContext(ctx, path)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = filepath.Dir(path), out, complaint, time.Second
	err = cmd.Run()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("run %s: it took more than %s", path, patience)
	case err != nil:
		return nil, fmt.Errorf("run %s: %w: %s", path, err, strings.TrimSpace(complaint.String()))
	}
	return out.Bytes(), nil
}

// capped keeps the beginning of what is written.
type capped struct {
	bytes.Buffer
	left int
}

// Write never fails, so that the program does not see that nobody listens.
func (c *capped) Write(p []byte) (int, error) {
	kept := p[:min(len(p), c.left)]
	c.left -= len(kept)
	c.Buffer.Write(kept)
	return len(p), nil
}
