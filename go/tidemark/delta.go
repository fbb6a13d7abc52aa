package tidemark

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Field numbers of profile.proto (github.com/google/pprof/proto/profile.proto).
const (
	fieldSample       = 2
	fieldMapping      = 3
	fieldLocation     = 4
	fieldFunction     = 5
	fieldString       = 6
	fieldTimeNanos    = 9
	fieldDurationNano = 10
)

var errTruncatedProto = errors.New("tidemark: profile ends in the middle of a field")

// subtractProfiles returns later − earlier of two gzipped profiles of one type and one process, gzipped, and the sum of
// each value column. It does what ?seconds= of net/http/pprof does: every column is subtracted, samples whose
// columns are all zero go, the time is the later one's and the duration lies between the two.
//
// Within one process an address names one location, so stacks are matched by addresses and labels; a stack that is
// only in the earlier profile (a goroutine that ended) appears with negative values.
// maxBytes bounds each decompressed profile.
func subtractProfiles(later, earlier []byte, maxBytes int) ([]byte, []int64, error) {
	l, err := parseProfile(later, maxBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("later profile: %w", err)
	}
	e, err := parseProfile(earlier, maxBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("earlier profile: %w", err)
	}
	before := make(map[string]*rawSample, len(e.samples))
	for i := range e.samples {
		s := &e.samples[i]
		key := e.key(s)
		if first, ok := before[key]; ok {
			add(first.values, s.values, 1)
		} else {
			before[key] = s
		}
	}

	out := append([]byte(nil), l.rest...)
	totals := make([]int64, l.columns())
	for i := range l.samples {
		s := &l.samples[i]
		key := l.key(s)
		if b, ok := before[key]; ok {
			add(s.values, b.values, -1)
			delete(before, key)
		}
		out = s.appendTo(out, totals)
	}
	if len(before) > 0 {
		move := l.after(e)
		tablesAdded := false
		for i := range e.samples { // in order, so that the output does not depend on the map's
			s := &e.samples[i]
			if before[e.key(s)] != s || allZero(s.values) {
				continue
			}
			if !tablesAdded {
				out, tablesAdded = move.appendTables(out, e), true
			}
			add(s.values, s.values, -2) // v − 2v = −v
			moved := move.sample(s)
			out = moved.appendTo(out, totals)
		}
	}
	out = appendVarintField(out, fieldTimeNanos, uint64(l.timeNanos))
	out = appendVarintField(out, fieldDurationNano, uint64(l.timeNanos-e.timeNanos))

	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(out); err != nil {
		return nil, nil, err
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return zipped.Bytes(), totals, nil
}

// rawProfile is a profile taken apart only as far as a subtraction needs.
type rawProfile struct {
	samples   []rawSample
	rest      []byte // every other field, as it was
	strings   []string
	addresses map[uint64]uint64 // location id → address
	mappings  map[uint64]uint64 // mapping id → start
	functions [][]byte
	locations [][]byte
	maxID     uint64
	timeNanos int64
}

type rawSample struct {
	locations []uint64
	values    []int64
	labels    [][]byte // whole Label messages
}

func parseProfile(zipped []byte, maxBytes int) (*rawProfile, error) {
	r, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(r, int64(maxBytes)+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes unpacked", errTooLarge, maxBytes)
	}
	p := &rawProfile{addresses: map[uint64]uint64{}, mappings: map[uint64]uint64{}}
	err = eachField(b, func(f field) error {
		switch f.number {
		case fieldSample:
			s, err := parseSample(f.data)
			if err != nil {
				return err
			}
			p.samples = append(p.samples, s)
			return nil
		case fieldTimeNanos:
			p.timeNanos = int64(f.varint)
			return nil
		case fieldDurationNano:
			return nil
		case fieldString:
			p.strings = append(p.strings, string(f.data))
		case fieldMapping:
			id, start, err := firstTwo(f.data, 1, 2)
			if err != nil {
				return err
			}
			p.mappings[id] = start
		case fieldLocation:
			id, address, err := firstTwo(f.data, 1, 3)
			if err != nil {
				return err
			}
			p.addresses[id] = address
			p.locations = append(p.locations, f.data)
			p.maxID = maxUint(p.maxID, id)
		case fieldFunction:
			id, _, err := firstTwo(f.data, 1, 1)
			if err != nil {
				return err
			}
			p.functions = append(p.functions, f.data)
			p.maxID = maxUint(p.maxID, id)
		}
		p.rest = append(p.rest, f.raw...)
		return nil
	})
	return p, err
}

func parseSample(b []byte) (rawSample, error) {
	var s rawSample
	err := eachField(b, func(f field) error {
		switch f.number {
		case 1:
			return f.eachVarint(func(v uint64) { s.locations = append(s.locations, v) })
		case 2:
			return f.eachVarint(func(v uint64) { s.values = append(s.values, int64(v)) })
		case 3:
			s.labels = append(s.labels, f.data)
		}
		return nil
	})
	return s, err
}

func (p *rawProfile) columns() int {
	if len(p.samples) == 0 {
		return 0
	}
	return len(p.samples[0].values)
}

// key names a stack with its labels by what stays the same between two profiles of one process.
func (p *rawProfile) key(s *rawSample) string {
	var k []byte
	for _, id := range s.locations {
		k = binary.BigEndian.AppendUint64(k, p.addresses[id])
	}
	for _, label := range s.labels {
		k = append(k, 0xff)
		// A Label that could not be read has an odd key, never a wrong match: parse errors only shorten it.
		_ = eachField(label, func(f field) error {
			k = append(k, byte(f.number))
			if f.number == 3 { // num
				k = binary.BigEndian.AppendUint64(k, f.varint)
			} else if f.varint < uint64(len(p.strings)) { // key, str and num_unit are indices of strings
				k = append(k, p.strings[f.varint]...)
				k = append(k, 0)
			}
			return nil
		})
	}
	return string(k)
}

func (s *rawSample) appendTo(out []byte, totals []int64) []byte {
	if allZero(s.values) {
		return out
	}
	add(totals, s.values, 1)
	var ids, values, message []byte
	for _, id := range s.locations {
		ids = binary.AppendUvarint(ids, id)
	}
	for _, v := range s.values {
		values = binary.AppendUvarint(values, uint64(v))
	}
	message = appendBytesField(message, 1, ids)
	message = appendBytesField(message, 2, values)
	for _, label := range s.labels {
		message = appendBytesField(message, 3, label)
	}
	return appendBytesField(out, fieldSample, message)
}

// add adds factor × what to sum, for as many columns as both have.
func add(sum, what []int64, factor int64) {
	for i := 0; i < len(sum) && i < len(what); i++ {
		sum[i] += factor * what[i]
	}
}

func allZero(values []int64) bool {
	for _, v := range values {
		if v != 0 {
			return false
		}
	}
	return true
}

func maxUint(a, b uint64) uint64 {
	if a > b {
		return a
	}
	return b
}
