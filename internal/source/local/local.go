// Package local is a small code review server: bare repositories served over
// smart HTTP, where a push to refs/for/<branch> makes a change, and votes and
// comments on it. It is a source like any other, and the one that needs
// nothing beside Gozer.
//
// Everything but the git objects lives in one database. A push, vote or report
// is in it, with the event that it causes, before anyone is told that it
// succeeded. Moves of branches are written down before they are made, and
// finished at the next start if the process died in between.
package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/scheduler"
)

// Robot is the user name under which Gozer itself votes and comments.
const Robot = "gozer"

// User is who a token belongs to.
type User struct {
	Name string
	// Admin may create and delete branches and tags of any project.
	Admin bool
}

// Authenticator says who a token belongs to.
type Authenticator interface {
	Authenticate(token string) (user User, ok bool)
}

// Config is what a Source needs. Fields without a default are required.
type Config struct {
	Connection scheduler.ConnectionName
	// Dir holds git/ with the repositories and local/ with the database.
	Dir string
	// PublicURL is where people reach this server, such as
	// http://127.0.0.1:9000.
	PublicURL string
	Auth      Authenticator
	Git       *git.Pool
	Logger    *slog.Logger
	// Now is the clock; the default is time.Now.
	Now func() time.Time
	// Gated reports whether direct pushes to an existing branch are refused;
	// nil means all are.
	Gated func(project, branch string) bool
	// Limits of pushes.
	Limits Limits
}

// Limits bound what one push may cost; zero fields mean the defaults.
type Limits struct {
	// PackBytes is the size of a pack; default 256 MiB.
	PackBytes int64
	// Changes that one push may make or update; default 50.
	Changes int
	// Time for one push or fetch; default 10 minutes.
	Time time.Duration
	// Transfers is how many pushes and fetches are served at once; others
	// wait. Default 16.
	Transfers int
}

func (l Limits) withDefaults() Limits {
	if l.PackBytes <= 0 {
		l.PackBytes = 256 << 20
	}
	if l.Changes <= 0 {
		l.Changes = 50
	}
	if l.Time <= 0 {
		l.Time = 10 * time.Minute
	}
	if l.Transfers <= 0 {
		l.Transfers = 16
	}
	return l
}

// Source is the code review server. Its methods may be called concurrently.
type Source struct {
	cfg    Config
	db     *bbolt.DB
	public *url.URL
	slots  chan struct{} // one per transfer under way
	wake   chan struct{} // says that the outbox has rows

	// mu is held by whoever writes, from the first look at what is there to
	// the end of the transaction.
	mu sync.Mutex
}

var _ source.Source = (*Source)(nil)

// Open opens the server's database, makes it if needed, and finishes what a
// crash interrupted. Only one process may have it open.
func Open(ctx context.Context, cfg Config) (*Source, error) {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	public, err := url.Parse(strings.TrimRight(cfg.PublicURL, "/"))
	if err != nil {
		return nil, fmt.Errorf("public URL of source %s: %w", cfg.Connection, err)
	}
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, fmt.Errorf("data directory of source %s: %w", cfg.Connection, err)
	}
	db, err := openDB(filepath.Join(cfg.Dir, "local"))
	if err != nil {
		return nil, err
	}
	s := &Source{
		cfg: cfg, db: db, public: public,
		slots: make(chan struct{}, cfg.Limits.Transfers),
		wake:  make(chan struct{}, 1),
	}
	if err := s.recover(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// Close closes the database. Nothing else may be called any more.
func (s *Source) Close() error { return s.db.Close() }

// Connection, Driver and CanonicalHost identify the source.
func (s *Source) Connection() scheduler.ConnectionName { return s.cfg.Connection }

// Driver is local.
func (s *Source) Driver() string { return "local" }

// CanonicalHost is the name of the connection.
func (s *Source) CanonicalHost() string { return string(s.cfg.Connection) }

func openDB(dir string) (db *bbolt.DB, err error) {
	path := filepath.Join(dir, "local.db")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { // bbolt panics on some damaged files
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("open %s: the file is damaged: %v", path, p)
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := db.Update(initDB); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return db, nil
}

// schema is the version of the database's layout.
const schema = "1"

func initDB(tx *bbolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	switch version := string(meta.Get(keySchema)); version {
	case schema:
		return nil
	case "":
	default:
		return fmt.Errorf("it has schema %s, this program knows %s", version, schema)
	}
	if err := meta.Put(keyIdentity, []byte(rand.Text())); err != nil {
		return err
	}
	return meta.Put(keySchema, []byte(schema))
}
