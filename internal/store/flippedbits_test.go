//go:build !race

package store_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/store"
)

// Bits that flip anywhere in the file never change what readers see: either
// something is found damaged, or everything is as it was.
//
// Not under the race detector: with a broken offset bbolt follows a wild address.
// The fault of that is recovered, and what it reads fails its checksum, but the
// detector looks at the address itself, where nothing can be recovered.
func TestFlippedBitsAnywhere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "models.db")
	s := open(t, path)
	apply(t, s, newMaker(6, tenant).make(40)...)
	want := dump(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The file is larger than what is in it; whole pages are kept.
	used := len(bytes.TrimRight(whole, "\x00"))
	whole = whole[:(used/4096+1)*4096]
	r := rand.New(rand.NewPCG(1, 2))
	spoiled := filepath.Join(t.TempDir(), "spoiled.db")
	silent := 0
	for range 300 {
		data := bytes.Clone(whole)
		data[r.IntN(used)] ^= 1 << r.IntN(8)
		write(t, spoiled, data)
		s, err := store.Open(spoiled, store.Options{Logger: quiet(), NoSync: true})
		if err != nil {
			t.Fatalf("open a store with a flipped bit: %v", err)
		}
		err = s.Check(context.Background(), tenant)
		var now bytes.Buffer
		if s.Remade() == "" && err == nil {
			if err := s.Dump(context.Background(), tenant, &now); err == nil && !bytes.Equal(now.Bytes(), want) {
				silent++
				t.Logf("%.200s", firstLine(now.Bytes(), want))
			}
		}
		_ = s.Close() // a damaged file may refuse even that
		_ = os.Remove(spoiled + ".damaged")
	}
	if silent > 0 {
		t.Errorf("%d of 300 flipped bits changed rows without being found", silent)
	}
}
