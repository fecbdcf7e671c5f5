package bolt

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// mark is how far each tenant's log is known to have come. It may lag behind
// the log and is never ahead of it.
//
// Its file is text: a title, a line "<sequence> <hash> <quoted tenant>" for
// each tenant in name order, and the CRC-32C of all that.
type mark struct {
	heads map[scheduler.TenantName]eventlog.Head
	// missing says that there is no file.
	missing bool
}

const markTitle = "gozer log mark 1\n"

// markPath returns where the mark of the log at path is: log.db has log.mark.
func markPath(path string) string {
	return strings.TrimSuffix(path, filepath.Ext(path)) + ".mark"
}

// tenants returns the marked tenants in name order.
func (m *mark) tenants() []scheduler.TenantName { return slices.Sorted(maps.Keys(m.heads)) }

func readMark(path string) (*mark, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &mark{missing: true}, nil
	}
	if err != nil {
		return nil, err
	}
	heads, err := parseMark(data)
	if err != nil {
		return nil, &eventlog.DamageError{Reason: filepath.Base(path) + " can't be read", Err: err}
	}
	return &mark{heads: heads}, nil
}

func parseMark(data []byte) (map[scheduler.TenantName]eventlog.Head, error) {
	body, sum, ok := cutLast(data, []byte("crc32c "))
	if !ok || !bytes.HasPrefix(body, []byte(markTitle)) {
		return nil, errors.New("it is not a mark, or of an unknown version")
	}
	if string(sum) != fmt.Sprintf("%08x\n", eventlog.Checksum(body)) {
		return nil, errors.New("its checksum does not match")
	}
	heads := map[scheduler.TenantName]eventlog.Head{}
	for lines := bufio.NewScanner(bytes.NewReader(body[len(markTitle):])); lines.Scan(); {
		t, head, err := parseMarkLine(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("line %q: %w", lines.Text(), err)
		}
		heads[t] = head
	}
	return heads, nil
}

// cutLast cuts data at the last sep.
func cutLast(data, sep []byte) (before, after []byte, found bool) {
	i := bytes.LastIndex(data, sep)
	if i < 0 {
		return nil, nil, false
	}
	return data[:i], data[i+len(sep):], true
}

func parseMarkLine(line string) (scheduler.TenantName, eventlog.Head, error) {
	var head eventlog.Head
	fields := strings.SplitN(line, " ", 3)
	if len(fields) != 3 {
		return "", head, errors.New("it has not three fields")
	}
	var err error
	if head.Seq, err = strconv.ParseUint(fields[0], 10, 64); err != nil {
		return "", head, err
	}
	if n, err := hex.Decode(head.Hash[:], []byte(fields[1])[:min(len(fields[1]), 64)]); err != nil || n != len(head.Hash) {
		return "", head, errors.New("the hash is not one")
	}
	name, err := strconv.Unquote(fields[2])
	return scheduler.TenantName(name), head, err
}

// writeMark replaces the mark, durably and in one step.
func writeMark(path string, heads map[scheduler.TenantName]eventlog.Head) error {
	if err := writeSynced(path+".new", formatMark(heads)); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write mark: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func formatMark(heads map[scheduler.TenantName]eventlog.Head) []byte {
	b := []byte(markTitle)
	for _, t := range slices.Sorted(maps.Keys(heads)) {
		b = fmt.Appendf(b, "%d %x %s\n", heads[t].Seq, heads[t].Hash, strconv.Quote(string(t)))
	}
	return fmt.Appendf(b, "crc32c %08x\n", eventlog.Checksum(b))
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}
