package feed

func square(n int, out chan int) { out <- n * n }

func sumSquares(limit int) (sum int) {
	results := make(chan int, limit)
	for i := 1; i < limit; i++ {
		go square(i, results)
	}
	for i := 0; i < limit; i++ {
		sum += <-results // victim: receive-one-too-many
	}
	return sum
}

func leakCollect() {
	go func() {
		sumSquares(4)
	}()
}

func cube(n int, out chan int) { out <- n * n * n }

func sumCubes(limit int) (sum int) {
	results := make(chan int, limit)
	for i := 0; i < limit; i++ {
		go cube(i, results)
	}
	for i := 0; i < limit; i++ {
		sum += <-results
	}
	return sum
}

func fixedCollect() { sumCubes(4) }
