package feed

var changed = make(chan string)

func notify(key string) {
	changed <- key // victim: nobody-listens
}

func leakHook() {
	for _, key := range []string{"a", "b"} {
		go notify(key)
	}
}

var updated = make(chan string)

func announce(key string) { updated <- key }

func fixedHook() {
	go func() {
		for range updated {
		}
	}()
	announce("a")
	announce("b")
	close(updated)
}
