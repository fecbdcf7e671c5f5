package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// Commit is a parsed commit object. Commits never change; treat it as read-only.
type Commit struct {
	Hash    string
	Tree    string
	Parents []string
	// Author and Committer are identities as git writes them, "Name <email>".
	Author, Committer string
	// CommitTime is the committer's time in seconds since 1970.
	CommitTime int64
	// Message is the whole message as UTF-8.
	Message string
}

// Subject is the first line of the message that is not empty.
func (c *Commit) Subject() string {
	for line := range strings.Lines(c.Message) {
		if s := strings.TrimSpace(line); s != "" {
			return s
		}
	}
	return ""
}

// Commit returns a commit by its hash.
func (r Repo) Commit(ctx context.Context, hash string) (*Commit, error) {
	if c := r.pool.commits.get(r.Dir, hash); c != nil {
		return c, nil
	}
	kind, data, err := r.Object(ctx, hash, MaxMeta)
	if err != nil {
		return nil, err
	}
	if kind != "commit" {
		return nil, fmt.Errorf("%s in %s is a %s, not a commit", hash, r.Dir, kind)
	}
	c, err := ParseCommit(hash, data)
	if err != nil {
		return nil, err
	}
	r.pool.commits.put(r.Dir, c)
	return c, nil
}

// ParseCommit parses the content of a commit object.
func ParseCommit(hash string, data []byte) (*Commit, error) {
	c := &Commit{Hash: hash}
	head, message, _ := strings.Cut(string(data), "\n\n")
	c.Message = strings.ToValidUTF8(message, "\uFFFD")
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch name {
		case "tree":
			c.Tree = value
		case "parent":
			c.Parents = append(c.Parents, value)
		case "author":
			c.Author, _ = parseIdent(value)
		case "committer":
			c.Committer, c.CommitTime = parseIdent(value)
		}
	}
	if !IsHash(c.Tree) {
		return nil, fmt.Errorf("commit %s has no tree", hash)
	}
	return c, nil
}

// parseIdent splits "Name <email> seconds zone".
func parseIdent(s string) (who string, seconds int64) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	end := strings.LastIndexByte(s, '>')
	if end < 0 {
		return s, 0
	}
	if f := strings.Fields(s[end+1:]); len(f) > 0 {
		seconds, _ = strconv.ParseInt(f[0], 10, 64) // an odd date counts as 1970
	}
	return s[:end+1], seconds
}

// Email is the address in an identity.
func Email(ident string) string {
	_, rest, _ := strings.Cut(ident, "<")
	email, _, _ := strings.Cut(rest, ">")
	return email
}

// commitCacheSize is the size of one generation of the cache.
const commitCacheSize = 4096

// commitCache remembers commits in two generations: when the young one is
// full, the old one is dropped.
type commitCache struct {
	mu         sync.Mutex
	young, old map[commitKey]*Commit
}

type commitKey struct{ dir, hash string }

func (c *commitCache) get(dir, hash string) *Commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := commitKey{dir, hash}
	if found := c.young[k]; found != nil {
		return found
	}
	if found := c.old[k]; found != nil {
		c.add(k, found)
		return found
	}
	return nil
}

func (c *commitCache) put(dir string, commit *Commit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(commitKey{dir, commit.Hash}, commit)
}

func (c *commitCache) add(k commitKey, commit *Commit) {
	if len(c.young) >= commitCacheSize || c.young == nil {
		c.old, c.young = c.young, map[commitKey]*Commit{}
	}
	c.young[k] = commit
}

func (c *commitCache) forget(dir string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range []map[commitKey]*Commit{c.young, c.old} {
		for k := range m {
			if k.dir == dir {
				delete(m, k)
			}
		}
	}
}
