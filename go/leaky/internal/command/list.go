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
	Loads  []subject.Load  `json:"loads"`
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
		t := truth{s.Name, s.Kind, s.Title, s.Signal, make([]subject.Place, 0, len(s.Sites)), s.Loads}
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
