package command

import (
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// schemaVersion is raised when a field of the list changes its meaning or goes.
const schemaVersion = 1

type listing struct {
	SchemaVersion int     `json:"schemaVersion"`
	Subjects      []truth `json:"subjects"`
}

type truth struct {
	Name   string          `json:"name"`
	Kind   subject.Kind    `json:"kind"`
	Title  string          `json:"title"`
	Signal subject.Signal  `json:"signal"`
	Sites  []subject.Place `json:"sites"`
	Loads  []loadTruth     `json:"loads"`
}

// loadTruth adds what a leak leaves behind at a load, net of what the requests' own machinery
// costs; 0 for a quiet subject.
type loadTruth struct {
	subject.Load
	HeapBytesPerSecond    float64 `json:"heapBytesPerSecond"`
	OffHeapBytesPerSecond float64 `json:"offHeapBytesPerSecond"`
	GoroutinesPerSecond   float64 `json:"goroutinesPerSecond"`
}

func loadTruths(s subject.Subject) []loadTruth {
	truths := make([]loadTruth, len(s.Loads))
	for i, l := range s.Loads {
		bytes := l.RatePerSecond * float64(l.SizeBytes)
		truths[i] = loadTruth{l, bytes * s.Grows.Heap, bytes * s.Grows.RSS, l.RatePerSecond * s.Grows.Goroutines}
	}
	return truths
}

func (p Program) list(args []string) error {
	flags := flag.NewFlagSet("list", flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	asJSON := flags.Bool("json", false, "print one JSON document")
	if err := flags.Parse(args); err != nil {
		return err
	}
	out := listing{SchemaVersion: schemaVersion, Subjects: make([]truth, 0, len(p.Subjects))}
	for _, s := range p.Subjects {
		t := truth{s.Name, s.Kind, s.Title, s.Signal, make([]subject.Place, 0, len(s.Sites)), loadTruths(s)}
		for _, site := range s.Sites {
			place, err := site.Locate(p.Sources, p.Dir)
			if err != nil {
				return err
			}
			t.Sites = append(t.Sites, place)
		}
		out.Subjects = append(out.Subjects, t)
	}
	if *asJSON {
		encoder := json.NewEncoder(p.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(out)
	}
	table := tabwriter.NewWriter(p.Stdout, 0, 8, 2, ' ', 0)
	for _, t := range out.Subjects {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", t.Name, t.Kind, t.Signal, t.Title)
	}
	return table.Flush()
}
