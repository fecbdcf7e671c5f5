package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// blob is a value that an event refers to by its hash.
type blob struct {
	hash scheduler.Hash
	data []byte
}

// errNoHash says that a layout or graph can't be referred to.
var errNoHash = errors.New("a layout or job graph has no hash")

// layoutLoaded is scheduler.LayoutLoaded with the layout's hash for the layout.
type layoutLoaded struct {
	Request uint64
	Layout  scheduler.Hash
	Errors  int
	Time    time.Time
}

func layoutLoadedEntry(name string) entry {
	return entry{
		name: name,
		typ:  reflect.TypeFor[scheduler.LayoutLoaded](),
		encode: func(c *Codec, value any) (any, []blob, error) {
			e := value.(scheduler.LayoutLoaded)
			w := layoutLoaded{Request: e.Request, Errors: e.Errors, Time: e.Time}
			if e.Layout == nil {
				return w, nil, nil
			}
			w.Layout = e.Layout.Hash
			b, err := c.layouts.encode(e.Layout.Hash, e.Layout)
			return w, b, err
		},
		decode: func(c *Codec, data []byte) (any, error) {
			var w layoutLoaded
			if err := json.Unmarshal(data, &w); err != nil {
				return nil, err
			}
			l, err := c.layouts.decode(w.Layout, c.fetch)
			return scheduler.LayoutLoaded{Request: w.Request, Layout: l, Errors: w.Errors, Time: w.Time}, err
		},
	}
}

// itemPrepared is scheduler.ItemPrepared with the graph's hash for the graph.
type itemPrepared struct {
	Item         scheduler.ItemID
	Buildset     scheduler.BuildsetID
	Conflict     bool
	Detail       string
	State        []scheduler.RepoCommit
	ConfigErrors []string
	Warnings     []string
	Debug        []string            `json:",omitempty"`
	Left         []scheduler.LeftJob `json:",omitempty"`
	InPipeline   bool
	Graph        scheduler.Hash
	Time         time.Time
}

func itemPreparedEntry(name string) entry {
	return entry{
		name: name,
		typ:  reflect.TypeFor[scheduler.ItemPrepared](),
		encode: func(c *Codec, value any) (any, []blob, error) {
			e := value.(scheduler.ItemPrepared)
			w := itemPrepared{Item: e.Item, Buildset: e.Buildset, Conflict: e.Conflict, Detail: e.Detail, State: e.State,
				ConfigErrors: e.ConfigErrors, Warnings: e.Warnings, Debug: e.Debug, Left: e.Left, InPipeline: e.InPipeline, Time: e.Time}
			if e.Graph == nil {
				return w, nil, nil
			}
			w.Graph = e.Graph.Hash
			b, err := c.graphs.encode(e.Graph.Hash, e.Graph)
			return w, b, err
		},
		decode: func(c *Codec, data []byte) (any, error) {
			var w itemPrepared
			if err := json.Unmarshal(data, &w); err != nil {
				return nil, err
			}
			g, err := c.graphs.decode(w.Graph, c.fetch)
			return scheduler.ItemPrepared{Item: w.Item, Buildset: w.Buildset, Conflict: w.Conflict, Detail: w.Detail, State: w.State,
				ConfigErrors: w.ConfigErrors, Warnings: w.Warnings, Debug: w.Debug, Left: w.Left, InPipeline: w.InPipeline, Graph: g, Time: w.Time}, err
		},
	}
}

// fetchBlob gets and decodes a blob.
func fetchBlob[T any](h scheduler.Hash, fetch func(scheduler.Hash) ([]byte, error)) (*T, error) {
	if fetch == nil {
		return nil, fmt.Errorf("blob %s: there is nowhere to get it from", h)
	}
	data, err := fetch(h)
	if err != nil {
		return nil, fmt.Errorf("blob %s: %w", h, err)
	}
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("blob %s: %w", h, err)
	}
	return v, nil
}
