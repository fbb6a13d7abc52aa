package workers

import "sync"

type batch struct {
	parts [][]int
	sums  []int
	wg    sync.WaitGroup
}

func (b *batch) run() {
	b.wg.Add(len(b.parts) + 1)
	b.sums = make([]int, len(b.parts))
	for i := range b.parts {
		go b.sum(i)
	}
	b.wg.Wait() // victim: wg-add-one-too-many
}

func (b *batch) sum(i int) {
	defer b.wg.Done()
	for _, n := range b.parts[i] {
		b.sums[i] += n
	}
}

func leakBatch() {
	b := &batch{parts: [][]int{{1, 2}, {3}}}
	go b.run()
}

type exactBatch struct {
	parts [][]int
	sums  []int
	wg    sync.WaitGroup
}

func (b *exactBatch) run() {
	b.wg.Add(len(b.parts))
	b.sums = make([]int, len(b.parts))
	for i := range b.parts {
		go b.sum(i)
	}
	b.wg.Wait()
}

func (b *exactBatch) sum(i int) {
	defer b.wg.Done()
	for _, n := range b.parts[i] {
		b.sums[i] += n
	}
}

func fixedBatch() {
	(&exactBatch{parts: [][]int{{1, 2}, {3}}}).run()
}
