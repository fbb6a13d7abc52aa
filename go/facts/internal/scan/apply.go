package scan

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
)

// Apply makes the edits of the findings in the files below a folder, each file
// whole or not at all, and gives the files that changed and the findings that
// were changed away. Edits that overlap one that was made are left out.
func Apply(root string, findings []resource.Finding) (files []string, fixed []resource.Finding, err error) {
	byFile := map[string][]resource.Finding{}
	for _, f := range findings {
		if len(f.Edits) == 0 {
			continue
		}
		name := f.Edits[0].RepoFile
		if name == "" || !filepath.IsLocal(filepath.FromSlash(name)) || slices.ContainsFunc(f.Edits, func(e resource.Edit) bool { return e.RepoFile != name }) {
			continue // of another module
		}
		byFile[name] = append(byFile[name], f)
	}
	for name, list := range byFile {
		done, err := applyTo(filepath.Join(root, filepath.FromSlash(name)), list)
		if err != nil {
			return files, fixed, err
		}
		if len(done) > 0 {
			files = append(files, name)
			fixed = append(fixed, done...)
		}
	}
	slices.Sort(files)
	return files, fixed, nil
}

func applyTo(path string, findings []resource.Finding) (done []resource.Finding, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var edits []resource.Edit
	for _, f := range findings {
		if made(edits, f.Edits) {
			done = append(done, f) // the change for another finding does it
			continue
		}
		if slices.ContainsFunc(f.Edits, func(e resource.Edit) bool { return e.Offset > e.End || e.End > len(text) || overlaps(edits, e) }) {
			continue
		}
		edits = append(edits, f.Edits...)
		done = append(done, f)
	}
	slices.SortFunc(edits, func(a, b resource.Edit) int { return b.Offset - a.Offset })
	out := bytes.Clone(text)
	for _, e := range edits {
		out = slices.Concat(out[:e.Offset], []byte(e.NewText), out[e.End:])
	}
	out, err = format.Source(out)
	if err != nil {
		return nil, fmt.Errorf("%s: the change would not be Go any more, nothing was written: %w", path, err)
	}
	return done, replace(path, out, info.Mode().Perm())
}

// made: all these changes are in the list.
func made(list, edits []resource.Edit) bool {
	return !slices.ContainsFunc(edits, func(e resource.Edit) bool {
		return !slices.ContainsFunc(list, func(o resource.Edit) bool {
			return o.Offset == e.Offset && o.End == e.End && o.NewText == e.NewText
		})
	})
}

func overlaps(list []resource.Edit, e resource.Edit) bool {
	return slices.ContainsFunc(list, func(o resource.Edit) bool { return o.Offset == e.Offset || o.Offset < e.End && e.Offset < o.End })
}

// replace writes beside the file and puts it in its place at once.
func replace(path string, text []byte, mode os.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+strings.TrimSuffix(filepath.Base(path), ".go")+"-*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(temp.Name(), mode)
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
