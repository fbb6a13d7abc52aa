package container

import (
	"debug/buildinfo"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"sort"
	"strings"
)

// ReadBinary reads ids, flags and versions from a built Go program. Build ids
// are found in ELF files; elsewhere the module and its revision must do.
func ReadBinary(name string) (Build, error) {
	info, err := buildinfo.ReadFile(name)
	if err != nil {
		return Build{}, fmt.Errorf("%s: not a Go program: %w", name, err)
	}
	b := Build{Main: info.Path, Module: info.Main.Path, ModuleVersion: info.Main.Version, GoVersion: info.GoVersion}
	for _, s := range info.Settings {
		switch s.Key {
		case "-tags":
			b.Tags = s.Value
		case "-trimpath":
			b.Trimpath = s.Value == "true"
		case "GOOS":
			b.GOOS = s.Value
		case "GOARCH":
			b.GOARCH = s.Value
		case "vcs.revision":
			b.VCSRevision = s.Value
		case "vcs.modified":
			b.Dirty = s.Value == "true"
		}
	}
	for _, dep := range info.Deps {
		version := dep.Version
		if dep.Replace != nil {
			version = dep.Replace.Version
		}
		b.Modules = append(b.Modules, Module{dep.Path, version})
	}
	sort.Slice(b.Modules, func(i, j int) bool { return b.Modules[i].Path < b.Modules[j].Path })
	b.GoBuildID, b.GNUBuildID = elfIDs(name)
	return b, nil
}

// elfIDs reads the Go and the GNU build id from the notes of an ELF file.
func elfIDs(name string) (goID, gnuID string) {
	f, err := os.Open(name)
	if err != nil {
		return "", ""
	}
	defer f.Close()
	e, err := elf.NewFile(f)
	if err != nil {
		return "", ""
	}
	for _, s := range e.Sections {
		if s.Type != elf.SHT_NOTE || s.Size > 1<<16 {
			continue
		}
		data, err := s.Data()
		if err != nil {
			continue
		}
		owner, kind, desc := note(e.ByteOrder, data)
		switch {
		case owner == "Go" && kind == 4:
			goID = string(desc)
		case owner == "GNU" && kind == 3:
			gnuID = hex.EncodeToString(desc)
		}
	}
	return goID, gnuID
}

// note reads the first note of a section: sizes of name and description, type,
// then both, padded to four bytes.
func note(order binary.ByteOrder, data []byte) (owner string, kind uint32, desc []byte) {
	if len(data) < 12 {
		return "", 0, nil
	}
	nameSize, descSize, kind := uint64(order.Uint32(data)), uint64(order.Uint32(data[4:])), order.Uint32(data[8:])
	data = data[12:]
	padded := (nameSize + 3) &^ 3
	if padded > uint64(len(data)) || padded+descSize > uint64(len(data)) {
		return "", 0, nil
	}
	return strings.TrimRight(string(data[:nameSize]), "\x00"), kind, data[padded : padded+descSize]
}
