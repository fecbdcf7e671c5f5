package store

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// Counts of a tenant's rows, for metrics. The result "" counts what has none yet.
type Counts struct {
	Builds    map[scheduler.Result]uint64
	Buildsets map[scheduler.PipelineName]map[scheduler.Result]uint64
	Items     map[scheduler.PipelineName]uint64
}

// Keys of the table of counts begin with these.
const (
	countBuilds    = "b\x00"
	countBuildsets = "s\x00"
	countItems     = "i\x00"
)

func (ss *session) writeCounts() error {
	b := ss.table[tableCounts]
	for _, k := range sortedKeys(ss.counts) {
		if ss.counts[k] == 0 {
			continue
		}
		key := []byte(k)
		var n uint64
		if stored := b.Get(key); stored != nil {
			var err error
			if n, err = decodeCount(key, stored); err != nil {
				ss.damaged(tableCounts, key, err)
				return ss.err
			}
		}
		n += uint64(ss.counts[k]) // wraps around to subtract
		if n == 0 {
			if err := b.Delete(key); err != nil {
				return err
			}
			continue
		}
		if err := b.Put(key, seal(tableCounts, key, binary.AppendUvarint(nil, n))); err != nil {
			return err
		}
	}
	return nil
}

func decodeCount(key, stored []byte) (uint64, error) {
	p, err := unseal(tableCounts, key, stored)
	if err != nil {
		return 0, err
	}
	n, used := binary.Uvarint(p)
	if used != len(p) {
		return 0, errTornRow
	}
	return n, nil
}

// Counts returns the numbers of a tenant's rows by result.
func (s *Store) Counts(ctx context.Context, t scheduler.TenantName) (Counts, error) {
	out := Counts{
		Builds:    map[scheduler.Result]uint64{},
		Buildsets: map[scheduler.PipelineName]map[scheduler.Result]uint64{},
		Items:     map[scheduler.PipelineName]uint64{},
	}
	err := s.view(ctx, t, func(v *view) error {
		return v.table(tableCounts).ForEach(func(k, stored []byte) error {
			n, err := decodeCount(k, stored)
			if err != nil {
				return v.damaged(tableCounts, k, err)
			}
			return out.add(string(k), n)
		})
	})
	return out, listError("count rows", err)
}

func (c *Counts) add(key string, n uint64) error {
	switch key[:2] {
	case countBuilds:
		c.Builds[scheduler.Result(key[2:])] = n
	case countItems:
		c.Items[scheduler.PipelineName(key[2:])] = n
	case countBuildsets:
		name, result, _ := strings.Cut(key[2:], "\x00")
		p := scheduler.PipelineName(name)
		if c.Buildsets[p] == nil {
			c.Buildsets[p] = map[scheduler.Result]uint64{}
		}
		c.Buildsets[p][scheduler.Result(result)] = n
	}
	return nil
}
