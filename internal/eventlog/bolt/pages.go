package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	"github.com/gozer-ci/gozer/internal/eventlog"
)

// What follows reads bbolt's file format, which is fixed (version 2), for
// what bbolt itself does not check at open: that both meta pages are intact
// (it quietly goes back a transaction when the newest is not), that the file
// is as long as it was, and that no page of the tree is in the free list
// (which would be overwritten by the next append).
const (
	metaBytes   = 64
	metaMagic   = 0xED0CDAED
	metaVersion = 2
	headerBytes = 16
	branchFlag  = 1
	leafFlag    = 2
	freeFlag    = 16
	bucketFlag  = 1 // of a leaf's element
	maxDepth    = 64
)

// meta is a meta page.
type meta struct {
	pageSize, root, freelist, pages, txid uint64
}

func damaged(format string, args ...any) error {
	return &eventlog.DamageError{Reason: fmt.Sprintf(format, args...)}
}

// inspect checks a locked file that nobody writes. An empty file passes.
func inspect(f *os.File, m *mark) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return nil // bbolt makes it; checkFresh compares with the mark
	}
	newest, err := readMetas(f, info.Size())
	if err != nil {
		if m.missing && info.Size() <= 4*int64(os.Getpagesize()) {
			return f.Truncate(0) // a first start that was cut off before it stored anything
		}
		return err
	}
	if size := int64(newest.pages * newest.pageSize); info.Size() < size {
		return damaged("the file has %d bytes and should have at least %d: it was cut off", info.Size(), size)
	}
	w := walker{file: f, meta: newest}
	return guard(w.check)
}

// readMetas checks both meta pages and returns the newer one.
func readMetas(f io.ReaderAt, size int64) (meta, error) {
	first, err := readMeta(f, 0)
	if err != nil {
		return meta{}, err
	}
	if first.pageSize < 512 || int64(first.pageSize) > size {
		return meta{}, damaged("the first page gives a page size of %d bytes", first.pageSize)
	}
	second, err := readMeta(f, int64(first.pageSize))
	if err != nil {
		return meta{}, err
	}
	if second.txid > first.txid {
		return second, nil
	}
	return first, nil
}

func readMeta(f io.ReaderAt, at int64) (meta, error) {
	b := make([]byte, headerBytes+metaBytes)
	if _, err := f.ReadAt(b, at); err != nil {
		return meta{}, damaged("the page at byte %d can't be read: %v", at, err)
	}
	b = b[headerBytes:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56]) // a hash never fails
	order := binary.NativeEndian
	switch {
	case order.Uint32(b) != metaMagic || order.Uint32(b[4:]) != metaVersion:
		return meta{}, damaged("the page at byte %d is not a bbolt meta page", at)
	case order.Uint64(b[56:]) != sum.Sum64():
		return meta{}, damaged("the meta page at byte %d does not match its checksum", at)
	}
	return meta{
		pageSize: uint64(order.Uint32(b[8:])), root: order.Uint64(b[16:]), freelist: order.Uint64(b[32:]),
		pages: order.Uint64(b[40:]), txid: order.Uint64(b[48:]),
	}, nil
}

// level is the place of a bucket: the root, "tenants" in it, or one without
// buckets inside.
type level int

const (
	rootLevel level = iota
	tenantsLevel
	plainLevel
)

// walker collects the pages in use. It does not read the leaves of plain
// buckets, which are nearly all of the file: their numbers stand in the
// branches above them.
type walker struct {
	file io.ReaderAt
	meta meta
	live []uint64 // a bit for each page of the tree that is the first of its kind
}

func (w *walker) check() error {
	w.live = make([]uint64, w.meta.pages/64+1)
	if err := w.visit(w.meta.freelist); err != nil {
		return err
	}
	free, err := w.freelist()
	if err != nil {
		return err
	}
	if err := w.tree(w.meta.root, rootLevel, 0); err != nil {
		return err
	}
	for _, id := range free {
		used, err := w.used(id)
		if err != nil {
			return err
		}
		if used {
			return damaged("the free list names page %d, which is in use or outside of the file", id)
		}
	}
	return nil
}

// used reports whether a page is in the tree or inside of one that is.
func (w *walker) used(id uint64) (bool, error) {
	if id < 2 || id >= w.meta.pages {
		return true, nil
	}
	before := id
	for before > 1 && !w.isLive(before) {
		before--
	}
	if before <= 1 || before == id {
		return before == id, nil
	}
	p, err := w.header(before)
	return id <= before+p.overflow, err
}

func (w *walker) isLive(id uint64) bool { return w.live[id/64]&(1<<(id%64)) != 0 }

// visit notes a page of the tree and refuses one that was seen before.
func (w *walker) visit(id uint64) error {
	if id < 2 || id >= w.meta.pages {
		return damaged("page %d is referred to and outside of the file", id)
	}
	if w.isLive(id) {
		return damaged("page %d has two parents", id)
	}
	w.live[id/64] |= 1 << (id % 64)
	return nil
}

// page is a page of the file, or only its header.
type page struct {
	flags, count, overflow uint64
	data                   []byte // from the header on
}

func (w *walker) header(id uint64) (page, error) {
	if id < 2 || id >= w.meta.pages {
		return page{}, damaged("page %d is referred to and outside of the file", id)
	}
	b := make([]byte, headerBytes)
	if _, err := w.file.ReadAt(b, int64(id*w.meta.pageSize)); err != nil {
		return page{}, damaged("page %d can't be read: %v", id, err)
	}
	order := binary.NativeEndian
	p := page{flags: uint64(order.Uint16(b[8:])), count: uint64(order.Uint16(b[10:])), overflow: uint64(order.Uint32(b[12:]))}
	if order.Uint64(b) != id || id+p.overflow >= w.meta.pages {
		return page{}, damaged("page %d calls itself page %d with %d more", id, order.Uint64(b), p.overflow)
	}
	return p, nil
}

func (w *walker) read(id uint64) (page, error) {
	p, err := w.header(id)
	if err != nil {
		return p, err
	}
	p.data = make([]byte, (1+p.overflow)*w.meta.pageSize)
	_, err = w.file.ReadAt(p.data, int64(id*w.meta.pageSize))
	return p, err
}

// tree visits a bucket's page and all below it.
func (w *walker) tree(id uint64, at level, depth int) error {
	if err := w.visit(id); err != nil {
		return err
	}
	p, err := w.read(id)
	if err != nil {
		return err
	}
	switch {
	case depth > maxDepth:
		return damaged("the tree is deeper than %d pages", maxDepth)
	case p.flags == branchFlag:
		return w.branch(id, p, at, depth)
	case p.flags == leafFlag && at == plainLevel:
		return nil
	case p.flags == leafFlag:
		return w.leaf(id, p, at, depth)
	}
	return damaged("page %d is of unknown kind %d", id, p.flags)
}

// branch visits a branch's children. All leaves of a bucket are equally deep:
// when the first child of a plain bucket's branch is a leaf, all are.
func (w *walker) branch(id uint64, p page, at level, depth int) error {
	if headerBytes+p.count*16 > uint64(len(p.data)) || p.count == 0 {
		return damaged("branch page %d claims %d children", id, p.count)
	}
	child := func(i uint64) uint64 { return binary.NativeEndian.Uint64(p.data[headerBytes+16*i+8:]) }
	first, err := w.header(child(0))
	if err != nil {
		return err
	}
	for i := range p.count {
		if at == plainLevel && first.flags == leafFlag {
			err = w.visit(child(i))
		} else {
			err = w.tree(child(i), at, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leaf visits the buckets whose roots stand in a leaf.
func (w *walker) leaf(id uint64, p page, at level, depth int) error {
	if headerBytes+p.count*16 > uint64(len(p.data)) {
		return damaged("leaf page %d claims %d elements", id, p.count)
	}
	order := binary.NativeEndian
	for i := range p.count {
		start := headerBytes + 16*i
		e := p.data[start:]
		if order.Uint32(e)&bucketFlag == 0 {
			continue
		}
		key := start + uint64(order.Uint32(e[4:]))
		value := key + uint64(order.Uint32(e[8:]))
		if value+16 > uint64(len(p.data)) {
			return damaged("leaf page %d has an element beyond its end", id)
		}
		inside := plainLevel
		if at == rootLevel && string(p.data[key:value]) == string(tenantsBucket) {
			inside = tenantsLevel
		}
		if root := order.Uint64(p.data[value:]); root != 0 { // 0 is a bucket inside the leaf
			if err := w.tree(root, inside, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// freelist reads the numbers of the free pages.
func (w *walker) freelist() ([]uint64, error) {
	p, err := w.read(w.meta.freelist)
	if err != nil {
		return nil, err
	}
	ids, count := p.data[headerBytes:], p.count
	if count == 0xFFFF && len(ids) >= 8 {
		count, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if p.flags != freeFlag || count > uint64(len(ids)/8) {
		return nil, damaged("page %d is not a free list, or of %d pages", w.meta.freelist, count)
	}
	free := make([]uint64, count)
	for i := range free {
		free[i] = binary.NativeEndian.Uint64(ids[8*i:])
	}
	return free, nil
}
