package watch

import "time"

func ask(answer bool, yes, no chan<- string) {
	if answer {
		yes <- "yes"
	}
}

func either(answer bool) string {
	yes, no := make(chan string, 1), make(chan string, 1)
	go ask(answer, yes, no)
	select { // victim: select-two-results
	case s := <-yes:
		return s
	case s := <-no:
		return s
	}
}

func leakEither() { go either(false) }

func reply(answer bool, yes, no chan<- string) {
	if answer {
		yes <- "yes"
	}
}

func eitherOrLate(answer bool) string {
	yes, no := make(chan string, 1), make(chan string, 1)
	go reply(answer, yes, no)
	select {
	case s := <-yes:
		return s
	case s := <-no:
		return s
	case <-time.After(10 * time.Millisecond):
		return "late"
	}
}

func fixedEither() { eitherOrLate(false) }
