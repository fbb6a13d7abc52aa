// Package audit writes down what happened, with a fixed number of workers.
package audit

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// Event is one thing that happened.
type Event struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"`
	Order  string    `json:"order"`
}

// Log hands events to its workers through a bounded queue.
type Log struct {
	queue chan Event
	done  sync.WaitGroup
}

// NewLog starts workers that write to out until ctx ends.
func NewLog(ctx context.Context, out io.Writer, workers int) *Log {
	l := &Log{queue: make(chan Event, 256)}
	var mu sync.Mutex
	for range workers {
		l.done.Add(1)
		go l.work(ctx, &mu, out)
	}
	return l
}

// Record queues an event, or drops it when the workers are behind.
func (l *Log) Record(action, order string) {
	select {
	case l.queue <- Event{At: time.Now(), Action: action, Order: order}:
	default:
	}
}

// Wait returns when all workers have ended.
func (l *Log) Wait() { l.done.Wait() }

func (l *Log) work(ctx context.Context, mu *sync.Mutex, out io.Writer) {
	defer l.done.Done()
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-l.queue:
			line, err := json.Marshal(event)
			if err != nil {
				continue
			}
			mu.Lock()
			out.Write(append(line, '\n'))
			mu.Unlock()
		}
	}
}
