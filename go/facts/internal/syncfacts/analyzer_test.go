package syncfacts_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

func TestAnalyzer(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), syncfacts.Analyzer, "example.com/locks", "example.com/helper", "example.com/generic")
}
