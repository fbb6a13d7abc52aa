package container_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidemark-go/tidemark/go/facts/internal/container"
)

func file() *container.File {
	return &container.File{Format: container.Format, Version: container.Version, Build: container.Build{Module: "example.com/m", GoVersion: "go1.26.8"},
		Sections: map[string]json.RawMessage{"sync": json.RawMessage(`{"version":1}`), "later": json.RawMessage(`{"version":9,"x":[1]}`)}}
}

func TestRoundTripKeepsUnknownSections(t *testing.T) {
	var packed, again bytes.Buffer
	if err := container.Encode(&packed, file()); err != nil {
		t.Fatal(err)
	}
	first := packed.Bytes()
	f, err := container.Decode(bytes.NewReader(first), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if string(f.Sections["later"]) != `{"version":9,"x":[1]}` {
		t.Errorf("section later: %s", f.Sections["later"])
	}
	if err := container.Encode(&again, f); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again.Bytes()) {
		t.Error("the same file gives other bytes")
	}
}

func TestDecodeRefuses(t *testing.T) {
	pack := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(text))
		w.Close()
		return b.String()
	}
	whole := pack(`{"format":"tidemark-facts","version":1,"sections":{}}`)
	for name, c := range map[string]struct{ text, want string }{
		"nothing":      {"", "not a facts file"},
		"one byte":     {"{", "not a facts file"},
		"text":         {"hello", "not a facts file"},
		"another":      {`{"format":"other","version":1}`, "not a facts file"},
		"newer":        {`{"format":"tidemark-facts","version":2}`, "version 2"},
		"cut":          {whole[:len(whole)-9], "cut short"},
		"bomb":         {pack(strings.Repeat(" ", 3<<20)), "more than"},
		"wrong header": {"\x1f\x8b\x00\x00", "not a facts file"},
	} {
		if _, err := container.Decode(strings.NewReader(c.text), 1<<20); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if _, err := container.Decode(strings.NewReader(whole), 1<<20); err != nil {
		t.Errorf("the whole file: %v", err)
	}
}
