// Package container writes and reads the facts of a build: gzip JSON with a
// header that names the build and sections that have versions of their own.
package container

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
)

// Format and Version of the container. A reader refuses a newer version.
const (
	Format  = "tidemark-facts"
	Version = 1
)

// File is a facts file. Unknown sections are kept as they are.
type File struct {
	Format   string                     `json:"format"`
	Version  int                        `json:"version"`
	Build    Build                      `json:"build"`
	Sections map[string]json.RawMessage `json:"sections"`
}

// Build names the build that the facts are of. Ids are there only when they
// were read from the shipped binary.
type Build struct {
	GoBuildID     string `json:"goBuildId,omitempty"`
	GNUBuildID    string `json:"gnuBuildId,omitempty"`
	Main          string `json:"main,omitempty"`
	Module        string `json:"module"`
	ModuleVersion string `json:"moduleVersion,omitempty"`
	VCSRevision   string `json:"vcsRevision,omitempty"`
	Dirty         bool   `json:"dirty"`
	GoVersion     string `json:"goVersion"`
	Tags          string `json:"tags,omitempty"`
	GOOS          string `json:"goos"`
	GOARCH        string `json:"goarch"`
	Trimpath      bool   `json:"trimpath,omitempty"`
	// Modules are the versions of what the build is made of.
	Modules []Module `json:"modules,omitempty"`
}

// Module is a dependency and its version.
type Module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// Encode writes the file; the same file gives the same bytes.
func Encode(w io.Writer, f *File) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := zip.Write(append(data, '\n')); err != nil {
		return err
	}
	return zip.Close()
}

// Decode reads a file, gzipped or not, of at most limit bytes unpacked. It
// refuses what is no facts file, what is too large and what is newer.
func Decode(r io.Reader, limit int64) (*File, error) {
	head := make([]byte, 2)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("not a facts file: %w", err)
	}
	r = io.MultiReader(bytes.NewReader(head[:n]), r)
	if n == 2 && head[0] == 0x1f && head[1] == 0x8b {
		zip, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("not a facts file: %w", err)
		}
		defer zip.Close()
		r = zip
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("facts file is cut short or damaged: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("facts file unpacks to more than %d bytes", limit)
	}
	f := new(File)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("not a facts file: %w", err)
	}
	if f.Format != Format {
		return nil, fmt.Errorf("not a facts file: format is %q", f.Format)
	}
	if f.Version > Version {
		return nil, fmt.Errorf("facts file has version %d, this program reads up to %d", f.Version, Version)
	}
	return f, nil
}
