package watch

import "context"

func untilDone(ctx context.Context, cleanup func()) {
	<-ctx.Done() // victim: context-background
	cleanup()
}

func leakRefresh() {
	go untilDone(context.Background(), func() {})
}

func afterDone(ctx context.Context, cleanup func()) {
	<-ctx.Done()
	cleanup()
}

func fixedRefresh() {
	ctx, cancel := context.WithCancel(context.Background())
	go afterDone(ctx, func() {})
	cancel()
}
