package watch

import "context"

type values struct{ context.Context }

// detach keeps the values of a request and gives it a life of its own.
func detach(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(values{context.Background()})
}

type request struct {
	stop context.CancelFunc
	log  chan string
}

func (r *request) follow(ctx context.Context) {
	detached, stop := detach(ctx)
	r.stop = stop
	go func() {
		for {
			select { // victim: context-child
			case <-detached.Done():
				return
			case line := <-r.log:
				_ = line
			}
		}
	}()
}

func leakDetach() {
	ctx, cancel := context.WithCancel(context.Background())
	r := &request{log: make(chan string)}
	r.follow(ctx)
	cancel()
}

type query struct {
	log chan string
}

func (q *query) follow(ctx context.Context) {
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case line := <-q.log:
				_ = line
			}
		}
	}()
}

func fixedDetach() {
	ctx, cancel := context.WithCancel(context.Background())
	q := &query{log: make(chan string)}
	q.follow(ctx)
	cancel()
}
