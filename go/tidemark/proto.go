package tidemark

import "encoding/binary"

// field is one field of a protocol buffer message.
type field struct {
	number int
	wire   uint64
	varint uint64 // wire type 0
	data   []byte // wire type 2
	raw    []byte // the field as it was, tag included
}

// eachField calls f for each field of a message. Fixed-width fields (not used by profiles) are passed on raw only.
func eachField(b []byte, f func(field) error) error {
	for len(b) > 0 {
		start := b
		tag, n := binary.Uvarint(b)
		if n <= 0 {
			return errTruncatedProto
		}
		b = b[n:]
		x := field{number: int(tag >> 3), wire: tag & 7}
		size := uint64(0)
		switch x.wire {
		case 0:
			if x.varint, n = binary.Uvarint(b); n <= 0 {
				return errTruncatedProto
			}
			size = uint64(n)
		case 1:
			size = 8
		case 2:
			length, n := binary.Uvarint(b)
			if n <= 0 || length > uint64(len(b)-n) {
				return errTruncatedProto
			}
			x.data = b[n : uint64(n)+length]
			size = uint64(n) + length
		case 5:
			size = 4
		default:
			return errTruncatedProto
		}
		if size > uint64(len(b)) {
			return errTruncatedProto
		}
		b = b[size:]
		x.raw = start[:len(start)-len(b)]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// eachVarint calls f for the value or, where it is packed, for all values of a repeated field.
func (x field) eachVarint(f func(uint64)) error {
	if x.wire == 0 {
		f(x.varint)
		return nil
	}
	for b := x.data; len(b) > 0; {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return errTruncatedProto
		}
		f(v)
		b = b[n:]
	}
	return nil
}

// firstTwo reads two varint fields of a message; absent ones are 0.
func firstTwo(message []byte, a, b int) (va, vb uint64, err error) {
	err = eachField(message, func(f field) error {
		if f.number == a {
			va = f.varint
		}
		if f.number == b {
			vb = f.varint
		}
		return nil
	})
	return va, vb, err
}

func appendVarintField(out []byte, number int, v uint64) []byte {
	out = binary.AppendUvarint(out, uint64(number)<<3)
	return binary.AppendUvarint(out, v)
}

func appendBytesField(out []byte, number int, data []byte) []byte {
	out = binary.AppendUvarint(out, uint64(number)<<3|2)
	out = binary.AppendUvarint(out, uint64(len(data)))
	return append(out, data...)
}

// move says how the tables of one profile are renumbered when they are appended to those of another.
type move struct {
	ids      uint64            // added to location and function ids
	strings  uint64            // added to string indices; index 0 stays the empty string
	mappings map[uint64]uint64 // mapping id → the other profile's id of the mapping with the same start
}

// after returns the move that puts e's tables behind p's.
func (p *rawProfile) after(e *rawProfile) move {
	byStart := make(map[uint64]uint64, len(p.mappings))
	for id, start := range p.mappings {
		byStart[start] = id
	}
	m := move{ids: p.maxID, strings: uint64(len(p.strings)), mappings: map[uint64]uint64{}}
	for id, start := range e.mappings {
		m.mappings[id] = byStart[start] // 0, no mapping, where the library was unloaded
	}
	return m
}

// appendTables appends e's strings, functions and locations, renumbered.
func (m move) appendTables(out []byte, e *rawProfile) []byte {
	for _, s := range e.strings {
		out = appendBytesField(out, fieldString, []byte(s))
	}
	for _, f := range e.functions { // id, name, system_name, filename
		out = appendBytesField(out, fieldFunction, rewrite(f, rules{1: m.id, 2: m.str, 3: m.str, 4: m.str}, nil))
	}
	for _, l := range e.locations { // id, mapping_id; lines with their function_id
		lines := map[int]rules{4: {1: m.id}}
		out = appendBytesField(out, fieldLocation, rewrite(l, rules{1: m.id, 2: m.mapping}, lines))
	}
	return out
}

func (m move) sample(s *rawSample) rawSample {
	moved := rawSample{values: s.values}
	for _, id := range s.locations {
		moved.locations = append(moved.locations, m.id(id))
	}
	for _, label := range s.labels { // key, str, num_unit
		moved.labels = append(moved.labels, rewrite(label, rules{1: m.str, 2: m.str, 4: m.str}, nil))
	}
	return moved
}

func (m move) id(id uint64) uint64      { return id + m.ids }
func (m move) mapping(id uint64) uint64 { return m.mappings[id] }
func (m move) str(index uint64) uint64 {
	if index == 0 {
		return 0
	}
	return index + m.strings
}

type rules map[int]func(uint64) uint64

// rewrite copies a message with the named varint fields changed, and those of the named nested messages.
// The message was parsed before, so it has no errors left.
func rewrite(message []byte, change rules, nested map[int]rules) []byte {
	var out []byte
	_ = eachField(message, func(f field) error {
		if c, ok := change[f.number]; ok && f.wire == 0 {
			out = appendVarintField(out, f.number, c(f.varint))
		} else if n, ok := nested[f.number]; ok {
			out = appendBytesField(out, f.number, rewrite(f.data, n, nil))
		} else {
			out = append(out, f.raw...)
		}
		return nil
	})
	return out
}
