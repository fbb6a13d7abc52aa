package stream

import (
	"context"
	"time"
)

// rows reads parts side by side; the reader leaves when the group is cancelled,
// and parts that are still under way have nobody to send to.
func rows(parts int) (sum int) {
	g, ctx := groupWith(context.Background())
	out := make(chan int)
	for i := 0; i < parts; i++ {
		part := i
		g.run(func() error {
			if part == 0 {
				return errPart
			}
			time.Sleep(30 * time.Millisecond)
			out <- part // victim: group-first-error
			return nil
		})
	}
	for {
		select {
		case n := <-out:
			sum += n
		case <-ctx.Done():
			return sum // holder: group-first-error
		}
	}
}

func leakRows() { rows(3) }

func calmRows(parts int) (sum int) {
	g, ctx := groupWith(context.Background())
	out := make(chan int)
	for i := 0; i < parts; i++ {
		part := i
		g.run(func() error {
			if part == 0 {
				return errPart
			}
			select {
			case out <- part:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}
	go func() {
		g.wg.Wait()
		close(out)
	}()
	for n := range out {
		sum += n
	}
	return sum
}

func fixedRows() { calmRows(3) }
