// Command series parses and prints packages of the standard library again and again, keeping the trees, and writes a
// heap profile after each round: many real profiles of one program that grows.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
)

func main() {
	dir := os.Args[1]
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	runtime.MemProfileRate = 16384
	files, err := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "net", "http", "*.go"))
	if err != nil || len(files) == 0 {
		panic(fmt.Sprint("no sources: ", err))
	}
	fset := token.NewFileSet()
	var keep []any
	for i := 0; i < count; i++ {
		tree, err := parser.ParseFile(fset, files[i%len(files)], nil, parser.ParseComments)
		if err == nil {
			var out bytes.Buffer
			_ = format.Node(&out, fset, tree)
			keep = append(keep, tree, out.Bytes())
		}
		if i%10 == 0 {
			runtime.GC()
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("heap%03d.pb.gz", i)))
		if err != nil {
			panic(err)
		}
		if err := pprof.Lookup("heap").WriteTo(f, 0); err != nil {
			panic(err)
		}
		f.Close()
	}
	runtime.KeepAlive(keep)
}
