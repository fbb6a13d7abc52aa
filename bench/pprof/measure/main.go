// Command measure runs a program, throws its output away and prints what it cost as JSON: seconds of CPU and of
// wall time, and the largest resident set in bytes.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	cmd.Stderr = os.Stderr
	if os.Getenv("MEASURE_QUIET") != "" {
		cmd.Stderr = nil
	}
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	state := cmd.ProcessState
	rss := state.SysUsage().(*syscall.Rusage).Maxrss * 1024
	fmt.Printf(`{"cpu":%.4f,"wall":%.4f,"rss":%d}`+"\n", (state.UserTime() + state.SystemTime()).Seconds(), wall.Seconds(), rss)
}
