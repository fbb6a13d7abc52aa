// Prog prints the runtime's names of its own functions.
package main

import (
	"fmt"

	lib "example.com/prog.v2/lib.v3"
)

func main() {
	lib.Note = func(name string) { fmt.Println(name) }
	lib.Early()
	lib.T{}.Value()
	(&lib.T{}).Pointer()
	(&lib.G[string, int]{}).Get("a")
	lib.Map([]int{1}, func(int) {})
	lib.Nested()
	lib.Start()
	lib.Table["two"]()
	lib.Table["one"]()
	lib.Range()
	lib.Goes()
}
