package tidemark

import (
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// processStart is when the process started: by the kernel where it tells, else when this package was initialised.
var processStart = startOfProcess(time.Now())

// clockTicksPerSecond is USER_HZ, 100 on every Linux that Go runs on.
const clockTicksPerSecond = 100

func startOfProcess(fallback time.Time) time.Time {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return fallback
	}
	// The command in parentheses may hold spaces: count fields after its end; starttime is field 22.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 {
		return fallback
	}
	ticks, err := strconv.ParseInt(fields[19], 10, 64)
	if err != nil {
		return fallback
	}
	system, err := os.ReadFile("/proc/stat")
	if err != nil {
		return fallback
	}
	boot, ok := numberAfter(system, "\nbtime ")
	if !ok {
		return fallback
	}
	return time.Unix(int64(boot), 0).Add(time.Duration(ticks) * time.Second / clockTicksPerSecond)
}

// Keys of /proc/self/status that procStatus reads.
const (
	statusRSS     = "\nVmRSS:"
	statusAnon    = "\nRssAnon:"
	statusFile    = "\nRssFile:"
	statusShmem   = "\nRssShmem:"
	statusThreads = "\nThreads:"
)

// procStatus is the content of /proc/self/status, empty where there is none.
type procStatus struct {
	buffer [4096]byte
	length int
}

func (p *procStatus) read(path string) {
	p.length = 0
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	// A file of /proc answers whole in one read when the buffer is large enough; its head is what we need.
	n, err := io.ReadFull(f, p.buffer[:])
	if err == nil || err == io.ErrUnexpectedEOF {
		p.length = n
	}
}

func fromStatus(key string) func(*reader) (float64, bool) {
	scale := 1024.0 // kB
	if key == statusThreads {
		scale = 1
	}
	return func(r *reader) (float64, bool) {
		v, ok := numberAfter(r.status.buffer[:r.status.length], key)
		return v * scale, ok
	}
}

// numberAfter returns the decimal number that follows key and blanks.
func numberAfter(text []byte, key string) (float64, bool) {
	i := bytes.Index(text, []byte(key))
	if i < 0 {
		return 0, false
	}
	i += len(key)
	for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
		i++
	}
	v, digits := uint64(0), 0
	for ; i < len(text) && text[i] >= '0' && text[i] <= '9' && digits < 19; i++ {
		v, digits = v*10+uint64(text[i]-'0'), digits+1
	}
	return float64(v), digits > 0
}
