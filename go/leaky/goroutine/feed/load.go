package feed

import (
	"errors"
	"strings"
	"time"
)

type page struct{ body string }

func fetchPage(url string, out chan<- page) {
	if !strings.HasPrefix(url, "http") {
		return // holder: sender-returned
	}
	out <- page{url}
}

func loadPage(url string) page {
	result := make(chan page)
	go fetchPage(url, result)
	return <-result // victim: sender-returned
}

func leakLoad() { go loadPage("ftp://x") }

type outcome struct {
	page page
	err  error
}

func tryPage(url string, out chan<- outcome) {
	if !strings.HasPrefix(url, "http") {
		out <- outcome{err: errors.New("scheme")}
		return
	}
	out <- outcome{page: page{url}}
}

func fixedLoad() {
	result := make(chan outcome)
	go tryPage("ftp://x", result)
	select {
	case <-result:
	case <-time.After(time.Second):
	}
}
