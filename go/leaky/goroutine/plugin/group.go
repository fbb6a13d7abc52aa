package plugin

import "sync"

func runAll(jobs []func()) {
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Add(1)
		go func(job func()) {
			defer func() { _ = recover() }()
			job() // holder: panic-waitgroup
			wg.Done()
		}(job)
	}
	wg.Wait() // victim: panic-waitgroup
}

func leakGroup() {
	go runAll([]func(){func() {}, func() { panic("job") }})
}

func runEach(jobs []func()) {
	var wg sync.WaitGroup
	for _, job := range jobs {
		wg.Add(1)
		go func(job func()) {
			defer wg.Done()
			defer func() { _ = recover() }()
			job()
		}(job)
	}
	wg.Wait()
}

func fixedGroup() {
	runEach([]func(){func() {}, func() { panic("job") }})
}
