package store

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
	"go.etcd.io/bbolt"
)

// The file has one bucket for itself and one for each tenant, whose buckets
// are the tables.
const (
	metaBucket   = "meta"
	tenantPrefix = "tenant/"
	schemaKey    = "schema"
)

// Tables of a tenant.
const (
	tableState         = "state"
	tableBuilds        = "builds"
	tableBuildIndex    = "builds.index"
	tableBuildTerms    = "builds.terms"
	tableBuildsets     = "buildsets"
	tableBuildsetIndex = "buildsets.index"
	tableBuildsetTerms = "buildsets.terms"
	tableItems         = "items"
	tableItemIndex     = "items.index"
	tableDecisions     = "decisions"
	tableRefusals      = "refusals"
	tableEstimates     = "estimates"
	tableCounts        = "counts"
	tableSystem        = "system"
)

// tables in name order.
var tables = []string{
	tableBuilds, tableBuildIndex, tableBuildTerms,
	tableBuildsets, tableBuildsetIndex, tableBuildsetTerms,
	tableCounts, tableDecisions, tableEstimates,
	tableItems, tableItemIndex, tableRefusals, tableState, tableSystem,
}

func tenantBucket(t scheduler.TenantName) []byte { return []byte(tenantPrefix + string(t)) }

// checkSchema accepts a file of this schema and marks an empty one as such.
func (s *Store) checkSchema() error {
	marked := false
	err := s.viewFile(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte(metaBucket))
		if meta == nil {
			if k, _ := tx.Cursor().First(); k != nil || s.options.ReadOnly {
				return &DamageError{Where: "schema", Err: fmt.Errorf("there is none")}
			}
			return nil
		}
		marked = true
		p, err := unseal(metaBucket, []byte(schemaKey), meta.Get([]byte(schemaKey)))
		if err != nil {
			return &DamageError{Where: "schema", Err: err}
		}
		if v, _ := binary.Uvarint(p); v != schemaVersion {
			return &DamageError{Where: "schema",
				Err: fmt.Errorf("it is of version %d and this gozer keeps version %d", v, schemaVersion)}
		}
		return checkStates(tx)
	})
	if err != nil || marked {
		return err
	}
	return s.updateFile(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucketIfNotExists([]byte(metaBucket))
		if err != nil {
			return err
		}
		payload := binary.AppendUvarint(nil, schemaVersion)
		return meta.Put([]byte(schemaKey), seal(metaBucket, []byte(schemaKey), payload))
	})
}

// checkStates reads the position of every tenant.
func checkStates(tx *bbolt.Tx) error {
	return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		t, ok := strings.CutPrefix(string(name), tenantPrefix)
		if !ok {
			return nil
		}
		_, err := readState(scheduler.TenantName(t), b)
		return err
	})
}

// Tenants returns the tenants that have rows, in name order.
func (s *Store) Tenants() ([]scheduler.TenantName, error) {
	var names []scheduler.TenantName
	err := s.viewFile(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			if t, ok := strings.CutPrefix(string(name), tenantPrefix); ok {
				names = append(names, scheduler.TenantName(t))
			}
			return nil
		})
	})
	return names, err
}
