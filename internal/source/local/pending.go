package local

import "go.etcd.io/bbolt"

// Pending counts the events that wait to be delivered.
func (s *Source) Pending() int {
	n := 0
	// A database that can't be read any more has nothing to deliver either.
	_ = s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketOutbox).Cursor()
		first, _ := c.First()
		last, _ := c.Last()
		if first != nil { // rows are numbered without gaps and go oldest first
			n = numberAt(last) - numberAt(first) + 1
		}
		return nil
	})
	return n
}
