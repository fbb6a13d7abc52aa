package feed

type replica struct {
	name  string
	reply chan<- string
}

func (r replica) ask(question string) {
	r.reply <- r.name + ": " + question // victim: first-reply-wins
}

func query(question string, names ...string) string {
	replies := make(chan string)
	for _, name := range names {
		go replica{name, replies}.ask(question)
	}
	return <-replies // holder: first-reply-wins
}

func leakQuery() { query("now?", "a", "b", "c") }

type mirror struct {
	name  string
	reply chan<- string
}

func (m mirror) ask(question string) {
	select {
	case m.reply <- m.name + ": " + question:
	default:
	}
}

func fixedQuery() {
	replies := make(chan string, 1)
	for _, name := range []string{"a", "b", "c"} {
		go mirror{name, replies}.ask("now?")
	}
	<-replies
}
