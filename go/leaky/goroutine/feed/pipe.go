package feed

import (
	"bufio"
	"io"
)

func export(rows []string, w *io.PipeWriter) {
	for _, row := range rows {
		io.WriteString(w, row+"\n") // victim: pipe-without-reader
	}
	w.Close()
}

func header(rows []string) (string, error) {
	r, w := io.Pipe()
	go export(rows, w)
	return bufio.NewReader(r).ReadString('\n') // holder: pipe-without-reader
}

func leakPipe() { header([]string{"name", "ada"}) }

func headerClosed(rows []string) (string, error) {
	r, w := io.Pipe()
	defer r.Close()
	go func() {
		defer w.Close()
		for _, row := range rows {
			if _, err := io.WriteString(w, row+"\n"); err != nil {
				return
			}
		}
	}()
	return bufio.NewReader(r).ReadString('\n')
}

func fixedPipe() { headerClosed([]string{"name", "ada"}) }
