package subjects

import (
	"fmt"
	"hash/fnv"
	"net/http"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var largeHeap = subject.Subject{
	Name:   "large-heap",
	Title:  "an index of 100 to 400 MiB that is read at the start and never changes",
	Kind:   subject.Quiet,
	Signal: subject.Heap,
	Loads: []subject.Load{
		{Name: "low", RatePerSecond: 50, SizeBytes: 100 << 20},
		{Name: "mid", RatePerSecond: 100, SizeBytes: 200 << 20},
		{Name: "high", RatePerSecond: 200, SizeBytes: 400 << 20},
	},
	Path: "/search",
	New: func(o subject.Options) (*subject.Service, error) {
		index := newIndex(o.SizeBytes)
		return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, index.search(requestID(r)))
		}}, nil
	},
}

const postingsBytes = 4 << 10

type index struct{ postings [][]byte }

func newIndex(totalBytes int) *index {
	x := &index{postings: make([][]byte, totalBytes/postingsBytes)}
	for i := range x.postings {
		x.postings[i] = make([]byte, postingsBytes)
		fill(x.postings[i], "postings")
	}
	return x
}

// search copies a few postings lists to work on, and drops them.
func (x *index) search(term string) int {
	hash := fnv.New32a()
	hash.Write([]byte(term))
	at := int(hash.Sum32())
	found := make([]byte, 0, 8*postingsBytes)
	for i := range 8 {
		found = append(found, x.postings[(at+i*7919)%len(x.postings)]...)
	}
	return len(found)
}
