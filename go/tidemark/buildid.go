package tidemark

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
)

// Build says which build the process runs.
type Build struct {
	GoVersion string `json:"go_version"`
	// GoBuildID is the id that `go tool buildid` prints, "" where it cannot be read.
	GoBuildID string `json:"go_build_id"`
	// GNUBuildID is the id in the ELF note, in hex; "" where the linker wrote none (Go writes one from 1.24 on).
	GNUBuildID string `json:"gnu_build_id"`
	Module     string `json:"module"`
	Version    string `json:"version"`
	Revision   string `json:"vcs_revision"`
	Modified   bool   `json:"vcs_modified"`
}

// maxBuildIDSearch bounds how much of an executable that is not ELF is searched for the Go build id.
const maxBuildIDSearch = 1 << 20

func readBuild(goVersion string) Build {
	b := Build{GoVersion: goVersion}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.Module, b.Version = info.Main.Path, info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value
			case "vcs.modified":
				b.Modified = s.Value == "true"
			}
		}
	}
	path, err := os.Executable()
	if err != nil {
		return b
	}
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		b.GoBuildID = string(note(f, ".note.go.buildid"))
		b.GNUBuildID = hex.EncodeToString(note(f, ".note.gnu.build-id"))
		return b
	}
	if f, err := os.Open(path); err == nil {
		defer f.Close()
		head, _ := io.ReadAll(io.LimitReader(f, maxBuildIDSearch))
		b.GoBuildID = goBuildIDIn(head)
	}
	return b
}

// note returns the description of an ELF note section: sizes of name and description, type, name and description.
func note(f *elf.File, section string) []byte {
	s := f.Section(section)
	if s == nil || s.Size > 4096 {
		return nil
	}
	data, err := s.Data()
	if err != nil || len(data) < 12 {
		return nil
	}
	nameSize := uint64(f.ByteOrder.Uint32(data))
	size := uint64(f.ByteOrder.Uint32(data[4:]))
	from := 12 + (nameSize+3)/4*4
	if from+size > uint64(len(data)) {
		return nil
	}
	return data[from : from+size]
}

// goBuildIDIn finds the id as the linker writes it at the start of the text of Mach-O and PE files.
func goBuildIDIn(head []byte) string {
	const before, after = "\xff Go build ID: \"", "\"\n \xff"
	i := bytes.Index(head, []byte(before))
	if i < 0 {
		return ""
	}
	rest := head[i+len(before):]
	j := bytes.Index(rest, []byte(after))
	if j < 0 || j > 256 {
		return ""
	}
	return string(rest[:j])
}
