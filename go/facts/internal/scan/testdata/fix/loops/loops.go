// Package loops defers in loops.
package loops

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

func Lines(names []string) (n int, err error) {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return n, err
		}
		defer f.Close()
		if name == "-" {
			continue
		}
		scan := bufio.NewScanner(f)
		for scan.Scan() {
			if scan.Text() == "" {
				continue
			}
			if n++; n > 1000 {
				break
			}
		}
	}
	return n, nil
}

func Print(dir string, entries []os.DirEntry) {
	for i, e := range entries {
		f, err := os.Open(filepath.Join(dir, e.Name()))
		if err != nil {
			fmt.Println(err)
			continue
		}
		defer f.Close()
		size, _ := io.Copy(io.Discard, f)
		fmt.Println(i, size)
	}
}

func Check(urls []string) error {
	seen := map[string]int{}
	for _, u := range urls {
		resp, err := http.Get(u)
		if err != nil {
			return fmt.Errorf("%s: %w", u, err)
		}
		defer resp.Body.Close()
		seen[u] = resp.StatusCode
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s", u, resp.Status)
		}
	}
	fmt.Println(seen)
	return nil
}

// All are used behind the loop.
func Merge(names []string, merge func([]io.Reader) error) error {
	var all []io.Reader
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		all = append(all, f)
	}
	return merge(all)
}

// A reader of the file is.
func Scanners(names []string) (list []*bufio.Scanner, err error) {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		list = append(list, bufio.NewScanner(f))
	}
	return list, nil
}

// All locks are held until all is done.
func LockAll(locks []*sync.Mutex, do func()) {
	for _, mu := range locks {
		mu.Lock()
		defer mu.Unlock()
	}
	do()
}

// The function ends without an error there.
func Find(names []string, word string) error {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		scan := bufio.NewScanner(f)
		for scan.Scan() {
			if scan.Text() == word {
				return nil
			}
		}
	}
	return os.ErrNotExist
}

// The loop ends there.
func First(names []string) int64 {
	var size int64
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		if size, _ = io.Copy(io.Discard, f); size > 100 {
			break
		}
	}
	return size
}

// Goroutines go on with it.
func Serve(names []string, group *sync.WaitGroup) {
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		group.Add(1)
		go func() {
			defer group.Done()
			io.Copy(io.Discard, f)
		}()
	}
	group.Wait()
}
