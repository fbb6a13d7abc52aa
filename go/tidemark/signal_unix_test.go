//go:build unix

package tidemark

import (
	"syscall"
	"testing"
)

func TestSignalSwitches(t *testing.T) {
	setFraction(t, 8)
	a := startTest(t, func(o *Options) { o.Addr = NoServer })
	for i := 0; i < 3; i++ {
		must(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR2))
		eventually(t, "full", func() bool { return a.LockState().Level == LockFull && fraction() == 1 })
		must(t, syscall.Kill(syscall.Getpid(), syscall.SIGUSR2))
		eventually(t, "off", func() bool { return a.LockState().Level == LockOff && fraction() == 8 })
	}
	if by := a.LockState().Window.EndedBy; by != "signal" {
		t.Errorf("ended by %q", by)
	}
}
