// Package subjects holds the test subjects that need a database driver.
package subjects

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// Sources are the files of this package.
//
//go:embed *.go
var Sources embed.FS

// All returns every subject of this package.
func All() []subject.Subject {
	return []subject.Subject{sqlRows, sqlRowsBounded}
}
