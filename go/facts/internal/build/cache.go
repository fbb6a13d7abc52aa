package build

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/tidemark-go/tidemark/go/facts/internal/load"
	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
)

// cache keeps the facts of packages by the go command's build id, which
// covers the source of the package and of all that it imports, and by this
// program itself. A cache that cannot be read or written is only slower.
type cache struct{ dir, salt string }

func newCache(dir, goarch, goos, tags string, pairs []resource.Pair) *cache {
	if dir == "" {
		return &cache{}
	}
	table, _ := json.Marshal(pairs)
	return &cache{dir, self() + " " + goarch + " " + goos + " " + tags + " " + string(table)}
}

// self identifies this program: its file's hash.
var self = sync.OnceValue(func() string {
	name, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	if _, err := buildinfo.ReadFile(name); err != nil {
		return "unknown"
	}
	file, err := os.Open(name)
	if err != nil {
		return "unknown"
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "unknown"
	}
	return hex.EncodeToString(hash.Sum(nil))
})

// file names the entry of one kind for a package; "" where nothing is kept.
func (c *cache) file(p *load.Package, kind string) string {
	if c.dir == "" || p.BuildID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(c.salt + "\n" + kind + "\n" + p.ImportPath + "\n" + p.BuildID + "\n" + p.Dir))
	return filepath.Join(c.dir, hex.EncodeToString(sum[:16])+".json")
}

// get fills an entry; false where there is none, or none that can be read.
func (c *cache) get(p *load.Package, kind string, entry any) bool {
	name := c.file(p, kind)
	if name == "" {
		return false
	}
	data, err := os.ReadFile(name)
	return err == nil && json.Unmarshal(data, entry) == nil
}

// put writes the whole file or none; it answers what was written.
func (c *cache) put(p *load.Package, kind string, entry any) ([]byte, error) {
	data, err := json.Marshal(entry)
	if err == nil {
		c.write(c.file(p, kind), data)
	}
	return data, err
}

// keep writes the facts of a package and answers them as they were written: a
// name that was cut out of the compiler's export data keeps all of that data in
// memory, and what is not written is of no more use.
func (c *cache) keep(p *load.Package, e *perPackage) (*perPackage, error) {
	data, err := c.put(p, packageFacts, e)
	if err != nil {
		return nil, err
	}
	again := new(perPackage)
	return again, json.Unmarshal(data, again)
}

func (c *cache) write(name string, data []byte) {
	if name == "" || os.MkdirAll(c.dir, 0o755) != nil {
		return
	}
	temp, err := os.CreateTemp(c.dir, "new-*")
	if err != nil {
		return
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if closeErr := temp.Close(); err == nil && closeErr == nil {
		os.Rename(temp.Name(), name)
	}
}
