package pipeline

import (
	"bufio"
	"strings"
	"time"
)

func produce(text string, lines chan<- string) {
	scanner := bufio.NewScanner(strings.NewReader(text))
	for scanner.Scan() {
		if scanner.Text() == "" {
			return // holder: close-skipped
		}
		lines <- scanner.Text()
	}
	close(lines)
}

func words(text string) (n int) {
	lines := make(chan string, 1)
	go produce(text, lines)
	for line := range lines { // victim: close-skipped
		n += len(strings.Fields(line))
	}
	return n
}

func leakProduce() {
	go func() { words("a b\n\nc") }()
}

func split(text string, lines chan<- string) {
	defer close(lines)
	scanner := bufio.NewScanner(strings.NewReader(text))
	for scanner.Scan() {
		if scanner.Text() == "" {
			return
		}
		lines <- scanner.Text()
	}
}

func fixedProduce() {
	lines := make(chan string, 1)
	go split("a b\n\nc", lines)
	for range lines {
		time.Sleep(time.Millisecond)
	}
}
