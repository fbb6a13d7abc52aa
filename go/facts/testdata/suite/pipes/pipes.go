// Package pipes joins stages by channels.
package pipes

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
)

func source(ctx context.Context, n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := range n {
			select {
			case out <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func stubborn(n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for i := range n {
			out <- i
		}
	}()
	return out
}

// The consumer leaves early, the producer of the helper stays at its send.
func leakLeaveEarly(limit int) (sum int) {
	for v := range stubborn(100) { // want goroutine/no-receiver
		if sum += v; sum > limit {
			break
		}
	}
	return sum
}

func cleanLeaveEarly(ctx context.Context, limit int) (sum int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for v := range source(ctx, 100) {
		if sum += v; sum > limit {
			break
		}
	}
	return sum
}

func cleanReadAll() (sum int) {
	for v := range stubborn(100) {
		sum += v
	}
	return sum
}

func leakLinesLeft(r io.Reader, want string) bool {
	lines := make(chan string)
	go func() { // want goroutine/no-receiver
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			lines <- sc.Text()
		}
		close(lines)
	}()
	for l := range lines {
		if l == want {
			return true
		}
	}
	return false
}

func cleanLinesDone(r io.Reader, want string) bool {
	lines := make(chan string)
	done := make(chan struct{})
	defer close(done)
	go func() {
		defer close(lines)
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			select {
			case lines <- sc.Text():
			case <-done:
				return
			}
		}
	}()
	for l := range lines {
		if l == want {
			return true
		}
	}
	return false
}

// Nobody closes jobs: the workers stay.
func leakWorkersNotClosed(list []string, do func(string)) {
	jobs := make(chan string) // want goroutine/no-close
	for range 4 {
		go func() {
			for j := range jobs {
				do(j)
			}
		}()
	}
	for _, s := range list {
		jobs <- s
	}
}

func cleanWorkersClosed(list []string, do func(string)) {
	jobs := make(chan string)
	for range 4 {
		go func() {
			for j := range jobs {
				do(j)
			}
		}()
	}
	for _, s := range list {
		jobs <- s
	}
	close(jobs)
}

// An error of validate leaves the workers where they are.
func leakWorkersOnError(list []string, validate func(string) error, do func(string)) error {
	jobs := make(chan string)
	go func() { // want goroutine/no-close
		for j := range jobs {
			do(j)
		}
	}()
	for _, s := range list {
		if err := validate(s); err != nil {
			return err
		}
		jobs <- s
	}
	close(jobs)
	return nil
}

func cleanWorkersOnError(list []string, validate func(string) error, do func(string)) error {
	jobs := make(chan string)
	defer close(jobs)
	go func() {
		for j := range jobs {
			do(j)
		}
	}()
	for _, s := range list {
		if err := validate(s); err != nil {
			return err
		}
		jobs <- s
	}
	return nil
}

func leakPipeWriter(name string, dst io.Writer) error {
	pr, pw := io.Pipe() // want resource/io-pipe
	go func() {
		f, err := os.Open(name)
		if err != nil {
			return
		}
		defer f.Close()
		io.Copy(pw, f)
		pw.Close()
	}()
	_, err := io.Copy(dst, pr)
	return err
}

func cleanPipeWriter(name string, dst io.Writer) error {
	pr, pw := io.Pipe()
	go func() {
		f, err := os.Open(name)
		if err != nil {
			pw.CloseWithError(err)
			return
		}
		defer f.Close()
		_, err = io.Copy(pw, f)
		pw.CloseWithError(err)
	}()
	_, err := io.Copy(dst, pr)
	pr.Close()
	return err
}

// The semaphore is taken and not given back when the work fails.
func leakSemaphore(list []string, do func(string) error) {
	sem := make(chan struct{}, 4)
	for _, s := range list {
		sem <- struct{}{} // want goroutine/no-receiver
		go func() {
			if do(s) != nil {
				return
			}
			<-sem
		}()
	}
}

func cleanSemaphore(list []string, do func(string) error) {
	sem := make(chan struct{}, 4)
	for _, s := range list {
		sem <- struct{}{}
		go func() {
			defer func() { <-sem }()
			_ = do(s)
		}()
	}
}

type request struct {
	key   string
	reply chan string
}

// The server answers into a channel that the client left.
func leakReply(ctx context.Context, requests chan<- request, key string) (string, error) {
	r := request{key, make(chan string)}
	go func() {
		requests <- r // want goroutine/no-receiver
	}()
	select {
	case s := <-r.reply:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func cleanSendGivesUp(ctx context.Context, requests chan<- request, key string) (string, error) {
	r := request{key, make(chan string, 1)}
	go func() {
		select {
		case requests <- r:
		case <-ctx.Done():
		}
	}()
	select {
	case s := <-r.reply:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func cleanSendOwn(ctx context.Context, ask func(string) string, key string) (string, error) {
	answer := make(chan string, 1)
	go func() { answer <- ask(key) }()
	select {
	case s := <-answer:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func cleanReply(ctx context.Context, requests chan<- request, key string) (string, error) {
	r := request{key, make(chan string, 1)}
	select {
	case requests <- r:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	select {
	case s := <-r.reply:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func leakNilOnError(n int, make1 func() (chan int, error)) error {
	var c chan int
	if n > 0 {
		c = nil
	}
	go func() {
		<-c // want goroutine/nil-channel
	}()
	if n < 0 {
		return errors.New("n")
	}
	return nil
}

func cleanMerge(a, b <-chan int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out)
		for a != nil || b != nil {
			select {
			case v, ok := <-a:
				if !ok {
					a = nil
					continue
				}
				out <- v
			case v, ok := <-b:
				if !ok {
					b = nil
					continue
				}
				out <- v
			}
		}
	}()
	return out
}

func cleanDone(work func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	return done
}
