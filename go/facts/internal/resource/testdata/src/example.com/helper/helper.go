package helper

import (
	"io"
	"os"
)

func Open(name string) (*os.File, error) { return os.Open(name) } // want Open:"hands out file in result 0"

func Use(f *os.File) int64 { // want Use:"only uses its arguments"
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

func Done(c io.Closer) { // want Done:"releases argument 0"
	if c != nil {
		c.Close()
	}
}

var last *os.File

func Remember(f *os.File) { last = f } // want Remember:"keeps argument 0"

// Even and Odd call each other: summaries come to an end.
func Even(f *os.File, n int) { // want Even:"keeps argument 0"
	if n > 0 {
		Odd(f, n-1)
	}
}

func Odd(f *os.File, n int) { // want Odd:"keeps argument 0"
	if n > 0 {
		Even(f, n-1)
	}
}
