// Command once makes a report and ends.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/suite/fifth/holders/state"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(folders []string) error {
	report := state.NewReport()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err == nil {
				report.Add(name, len(name))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	fmt.Println(report.Lines())
	return nil
}
