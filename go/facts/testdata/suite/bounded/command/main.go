// Command command fills holders once, or for as long as it runs.
package main

import (
	"bufio"
	"os"
	"strings"
)

var names = map[string]string{}
var seen = map[string]bool{}
var per = map[string]int{}

func cleanFillOnce(text string) {
	for _, line := range strings.Split(text, "\n") {
		k, v, _ := strings.Cut(line, "=")
		names[k] = v
	}
}

func leakServe(in *bufio.Scanner) {
	for in.Scan() {
		seen[in.Text()] = true // want heap/holder-only-added
	}
}

func leakEach(word string) {
	per[word]++ // want heap/holder-only-added
}

func main() {
	text, _ := os.ReadFile(os.Args[1])
	cleanFillOnce(string(text))
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		leakEach(in.Text())
	}
	leakServe(bufio.NewScanner(os.Stdin))
}
