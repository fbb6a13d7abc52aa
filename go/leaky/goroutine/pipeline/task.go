package pipeline

type task struct {
	name   string
	result chan int
}

func (t *task) wait() int {
	return <-t.result // victim: nil-receive
}

func leakTask() {
	t := &task{name: "late"}
	go t.wait()
}

type madeTask struct {
	name   string
	result chan int
}

func newMadeTask(name string) *madeTask {
	return &madeTask{name: name, result: make(chan int, 1)}
}

func (t *madeTask) wait() int { return <-t.result }

func fixedTask() {
	t := newMadeTask("late")
	t.result <- 1
	t.wait()
}
