package watch

type update struct{ key, value string }

type watcher struct {
	updates chan update
	resync  chan bool
	state   map[string]string
}

func (w *watcher) loop() {
	for {
		select { // victim: select-no-exit
		case u := <-w.updates:
			w.state[u.key] = u.value
		case full := <-w.resync:
			if full {
				w.state = map[string]string{}
			}
		}
	}
}

func leakWatch() {
	w := &watcher{updates: make(chan update), resync: make(chan bool), state: map[string]string{}}
	go w.loop()
	w.updates <- update{"a", "1"}
	w.resync <- true
}

type stoppable struct {
	updates chan update
	done    chan struct{}
	state   map[string]string
}

func (s *stoppable) loop() {
	for {
		select {
		case u := <-s.updates:
			s.state[u.key] = u.value
		case <-s.done:
			return
		}
	}
}

func fixedWatch() {
	s := &stoppable{updates: make(chan update), done: make(chan struct{}), state: map[string]string{}}
	go s.loop()
	s.updates <- update{"a", "1"}
	close(s.done)
}
