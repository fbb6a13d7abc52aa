package stream

// options come from a caller who left out the channel.
type options struct {
	Name   string
	Events chan<- string
}

type reporter interface{ report(event string) }

type pusher struct{ opts options }

func (p pusher) report(event string) {
	p.opts.Events <- p.opts.Name + ":" + event // victim: option-nil-channel
}

func start(r reporter) {
	go func() {
		r.report("started")
	}()
}

func leakNotify() { start(pusher{options{Name: "agent"}}) }

type optional struct {
	Name   string
	Events chan<- string
}

type carefulPusher struct{ opts optional }

func (p carefulPusher) report(event string) {
	if p.opts.Events == nil {
		return
	}
	p.opts.Events <- p.opts.Name + ":" + event
}

func fixedNotify() {
	r := carefulPusher{optional{Name: "agent"}}
	r.report("started")
}
