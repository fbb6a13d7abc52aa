package quota

import "sync"

type journal struct {
	sequence int64
	writer   sync.Mutex
	lines    []string
}

// begin returns with the writer lock held; commit lets it go.
func (j *journal) begin() int64 {
	j.writer.Lock() // acquired: return-helper-acquires // victim: return-helper-acquires
	j.sequence++
	return j.sequence
}

func (j *journal) commit(line string) {
	j.lines = append(j.lines, line)
	j.writer.Unlock()
}

func (j *journal) append(line string) bool {
	j.begin()
	if line == "" {
		return false // holder: return-helper-acquires
	}
	j.commit(line)
	return true
}

func leakBegin() {
	j := &journal{}
	j.append("")
	go j.append("one")
}

type ledger struct {
	sequence int64
	writer   sync.Mutex
	lines    []string
}

func (l *ledger) begin() int64 {
	l.writer.Lock()
	l.sequence++
	return l.sequence
}

func (l *ledger) commit(line string) {
	if line != "" {
		l.lines = append(l.lines, line)
	}
	l.writer.Unlock()
}

func (l *ledger) append(line string) bool {
	l.begin()
	defer l.commit(line)
	return line != ""
}

func fixedBegin() {
	l := &ledger{}
	l.append("")
	l.append("one")
}
