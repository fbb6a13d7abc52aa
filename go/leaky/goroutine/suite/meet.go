package suite

import (
	"sync/atomic"
	"time"
)

type meeting struct {
	need, here int32
}

func (m *meeting) arrive() {
	atomic.AddInt32(&m.here, 1)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if atomic.LoadInt32(&m.here) >= m.need {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
