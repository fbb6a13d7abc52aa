package tidemark

import (
	"math"
	"strconv"
	"strings"
)

// appendExposition writes the Prometheus text format 0.0.4. Signals without a value are left out, never 0.
func (a *Agent) appendExposition(out []byte, r reading) []byte {
	last := ""
	for i, s := range signals {
		v := r.values[i]
		if math.IsNaN(v) {
			continue
		}
		if s.name != last {
			out = appendHead(out, s.name, s.help, s.counter)
			last = s.name
		}
		out = append(out, s.name...)
		if s.labels != "" {
			out = append(out, '{')
			out = append(out, s.labels...)
			out = append(out, '}')
		}
		out = appendValue(out, v)
	}
	out = appendHead(out, "tidemark_build_info", "The build that runs; always 1.", false)
	for i, label := range [][2]string{{"go_version", a.build.GoVersion}, {"go_build_id", a.build.GoBuildID},
		{"gnu_build_id", a.build.GNUBuildID}, {"module", a.build.Module}, {"version", a.build.Version}, {"vcs_revision", a.build.Revision}} {
		if i == 0 {
			out = append(out, "tidemark_build_info{"...)
		} else {
			out = append(out, ',')
		}
		out = append(out, label[0]...)
		out = append(out, '=', '"')
		out = append(out, labelEscaper.Replace(label[1])...)
		out = append(out, '"')
	}
	out = append(out, '}')
	out = appendValue(out, 1)
	for _, own := range [...]struct {
		name, help string
		counter    bool
		value      float64
	}{
		{"tidemark_lock_profiling", "Lock profiling: 0 off, 1 sample, 2 full.", false, float64(lockLevelNumber[a.locks.level()])},
		{"tidemark_captures_total", "Profile sets written on a new tidemark or on request.", true, float64(a.captures.written.Load())},
		{"tidemark_capture_errors_total", "Profile sets that could not be written.", true, float64(a.captures.failed.Load())},
		{"tidemark_capture_bytes_total", "Bytes of profile sets written to the folder.", true, float64(a.captures.bytes.Load())},
		{"tidemark_capture_seconds_total", "Seconds spent on writing profile sets.", true, float64(a.captures.nanoseconds.Load()) / 1e9},
	} {
		out = appendHead(out, own.name, own.help, own.counter)
		out = append(out, own.name...)
		out = appendValue(out, own.value)
	}
	return out
}

var labelEscaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func appendHead(out []byte, name, help string, counter bool) []byte {
	kind := "gauge"
	if counter {
		kind = "counter"
	}
	for _, part := range [...]string{"# HELP ", name, " ", help, "\n# TYPE ", name, " ", kind, "\n"} {
		out = append(out, part...)
	}
	return out
}

func appendValue(out []byte, v float64) []byte {
	out = append(out, ' ')
	out = strconv.AppendFloat(out, v, 'g', -1, 64)
	return append(out, '\n')
}
