// Package goroutine tests that every case of the suite gets stuck where its
// markers say, and that no twin does.
package goroutine

import (
	"bytes"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/all"
	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

func TestCases(t *testing.T) {
	ids := suite.IDs()
	if len(ids) < 45 {
		t.Fatalf("%d cases, want at least 45", len(ids))
	}
	for _, id := range ids {
		id := id
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			if err := suite.Run(id, true, 30*time.Second); err != nil {
				t.Error("fixed:", err)
			}
			if err := suite.Run(id, false, 30*time.Second); err != nil {
				t.Fatal("leak:", err)
			}
			truth, err := suite.TruthOf(id)
			if err != nil {
				t.Fatal(err)
			}
			var dump bytes.Buffer
			if err := pprof.Lookup("goroutine").WriteTo(&dump, 2); err != nil {
				t.Fatal(err)
			}
			for _, victim := range truth.Victims {
				if !strings.Contains(dump.String(), victim.Function+"(") {
					t.Errorf("victim %s:%d: the runtime prints no %s", victim.File, victim.Line, victim.Function)
				}
			}
		})
	}
}
