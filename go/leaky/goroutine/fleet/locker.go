package fleet

import "sync"

// guardedBy runs f under any lock.
func guardedBy(l sync.Locker, f func()) {
	l.Lock() // acquired: locker-interface // victim: locker-interface
	f()      // holder: locker-interface
	l.Unlock()
}

type ledger struct {
	guard   sync.Locker
	entries []int
}

func (l *ledger) add(n int) {
	guardedBy(l.guard, func() { l.entries = append(l.entries, n) })
}

func (l *ledger) addTwice(n int) {
	guardedBy(l.guard, func() {
		l.add(n)
		l.add(n)
	})
}

func leakLedger() {
	l := &ledger{guard: &sync.Mutex{}}
	go l.addTwice(3)
}

func runUnder(l sync.Locker, f func()) {
	l.Lock()
	f()
	l.Unlock()
}

type calmLedger struct {
	guard   sync.Locker
	entries []int
}

func (l *calmLedger) add(n int) {
	runUnder(l.guard, func() { l.entries = append(l.entries, n) })
}

func (l *calmLedger) addTwice(n int) {
	l.add(n)
	l.add(n)
}

func fixedLedger() {
	l := &calmLedger{guard: &sync.Mutex{}}
	l.addTwice(3)
}
