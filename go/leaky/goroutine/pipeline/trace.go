package pipeline

func traced(verbose bool, steps []string) int {
	var events chan string
	if verbose {
		events = make(chan string, len(steps))
	}
	for _, step := range steps {
		events <- step // victim: nil-send
	}
	return len(events)
}

func leakTrace() {
	go traced(false, []string{"a"})
}

func recorded(verbose bool, steps []string) int {
	events := make(chan string, len(steps))
	for _, step := range steps {
		if verbose {
			events <- step
		}
	}
	return len(events)
}

func fixedTrace() { recorded(true, []string{"a"}) }
