package tidemark

import (
	"io"
	"os"
	"path/filepath"
	"strings"
)

// noLimitV1 is what cgroup v1 says for "no limit": the largest page-aligned number, or near it.
const noLimitV1 = 1 << 60

// cgroup reads the memory figures of the process's control group.
type cgroup struct {
	usagePath, limitPath, statPath, inactiveKey string
	buffer                                      [8192]byte
}

// findCgroup returns nil where the process is in no memory control group (or the root one, which tells nothing).
func findCgroup(membership, mount string) *cgroup {
	content, err := os.ReadFile(membership)
	if err != nil {
		return nil
	}
	for _, line := range strings.Split(string(content), "\n") { // hierarchy:controllers:path
		parts := strings.SplitN(line, ":", 3)
		if len(parts) != 3 {
			continue
		}
		var c *cgroup
		switch {
		case parts[0] == "0" && parts[1] == "":
			c = inFolder(mount, parts[2], "memory.current", "memory.max", "\ninactive_file ")
		case hasWord(parts[1], "memory"):
			c = inFolder(filepath.Join(mount, "memory"), parts[2], "memory.usage_in_bytes", "memory.limit_in_bytes", "\ntotal_inactive_file ")
		}
		if c != nil {
			return c
		}
	}
	return nil
}

// inFolder tries the path as the host sees it and, for a container that sees its own group as the root, the mount.
func inFolder(mount, path, usage, limit, inactiveKey string) *cgroup {
	for _, folder := range []string{filepath.Join(mount, filepath.Clean("/"+path)), mount} {
		if _, err := os.Stat(filepath.Join(folder, usage)); err == nil {
			return &cgroup{usagePath: filepath.Join(folder, usage), limitPath: filepath.Join(folder, limit),
				statPath: filepath.Join(folder, "memory.stat"), inactiveKey: inactiveKey}
		}
	}
	return nil
}

func hasWord(list, word string) bool {
	for _, w := range strings.Split(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}

func fromCgroup(f func(*cgroup) (float64, bool)) func(*reader) (float64, bool) {
	return func(r *reader) (float64, bool) {
		if r.cgroup == nil {
			return 0, false
		}
		return f(r.cgroup)
	}
}

func (c *cgroup) usage() (float64, bool) { return c.number(c.usagePath, "") }

// limit answers false for "max" and for v1's huge number.
func (c *cgroup) limit() (float64, bool) {
	v, ok := c.number(c.limitPath, "")
	return v, ok && v < noLimitV1
}

func (c *cgroup) inactiveFile() (float64, bool) { return c.number(c.statPath, c.inactiveKey) }

func (c *cgroup) number(path, key string) (float64, bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	n, err := io.ReadFull(f, c.buffer[:])
	if err != nil && err != io.ErrUnexpectedEOF {
		return 0, false
	}
	return numberAfter(c.buffer[:n], key)
}
