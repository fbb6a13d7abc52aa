package control

import "context"

// broker starts a watcher for each request, but gives it its own context.
type broker struct {
	ctx    context.Context
	cancel context.CancelFunc
	topics map[string]chan string
}

func newBroker() *broker {
	b := &broker{topics: map[string]chan string{"orders": make(chan string)}}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

func (b *broker) subscribe(ctx context.Context, topic string) error {
	watch, stop := context.WithCancel(b.ctx)
	_ = stop
	go func() {
		select { // victim: context-wrong-parent
		case <-watch.Done():
		case <-b.topics[topic]:
		}
	}()
	<-ctx.Done()
	return ctx.Err()
}

func leakBroker() {
	b := newBroker()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = b.subscribe(ctx, "orders")
}

type requestBroker struct {
	topics map[string]chan string
}

func (b *requestBroker) subscribe(ctx context.Context, topic string) error {
	watch, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-watch.Done():
		case <-b.topics[topic]:
		}
	}()
	<-ctx.Done()
	return ctx.Err()
}

func fixedBroker() {
	b := &requestBroker{topics: map[string]chan string{"orders": make(chan string)}}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = b.subscribe(ctx, "orders")
}
