package build_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/build"
	"github.com/tidemark-go/tidemark/go/facts/internal/load"
)

// The ratio of the two is what the cache saves; the go command's own listing
// is in both.
func BenchmarkBuild(b *testing.B) {
	o := build.Options{Request: load.Request{Dir: filepath.Join("..", ".."), Patterns: []string{"."}}}
	for _, cached := range []bool{false, true} {
		name := "cold"
		if cached {
			name, o.Cache = "cached", b.TempDir()
		}
		b.Run(name, func(b *testing.B) {
			if cached { // fills the cache
				if _, err := build.Run(context.Background(), o); err != nil {
					b.Fatal(err)
				}
			}
			read := 0
			for b.Loop() {
				r, err := build.Run(context.Background(), o)
				if err != nil {
					b.Fatal(err)
				}
				read += r.Read
			}
			b.ReportMetric(float64(read)/float64(b.N), "packages-read/op")
		})
	}
}
