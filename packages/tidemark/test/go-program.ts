import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BuildOptions {
  /** Path of the go command; the machine's own by default. */
  readonly go?: string;
  /** Toolchain from the module proxy, e.g. go1.27.0. */
  readonly toolchain?: string;
  /** The go line of go.mod. */
  readonly language?: string;
}

/** Builds a Go program (one main.go, standard library only) into a temporary directory. */
export function buildGo(source: string, name = 'subject', options: BuildOptions = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'tm-go-'));
  writeFileSync(join(dir, 'main.go'), source);
  writeFileSync(join(dir, 'go.mod'), `module ${name}\n\ngo ${options.language ?? '1.21'}\n`);
  execFileSync(options.go ?? 'go', ['build', '-o', name, '.'], {
    cwd: dir,
    stdio: 'pipe',
    env: { ...process.env, GOFLAGS: '', ...(options.toolchain && { GOTOOLCHAIN: options.toolchain }) },
  });
  return join(dir, name);
}

export interface Running {
  /** The first line that the program printed: its address. */
  readonly address: string;
  readonly child: ChildProcess;
  /** Ends it and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program that prints its address first. */
export async function start(binary: string, args: readonly string[] = []): Promise<Running> {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GOMAXPROCS: '2' } });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let out = '';
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      if (out.includes('\n')) resolve(out.split('\n')[0]!);
    });
    child.once('exit', (code) => reject(new Error(`${binary} ended with ${code} before it printed an address`)));
  });
  return {
    address,
    child,
    stop: async (signal = 'SIGKILL') => {
      child.kill(signal);
      await gone;
    },
  };
}

/** A service that grows by 64 KiB objects and one parked goroutine each tick; flags choose what else it does. */
export const GROWING_SERVICE = `package main

import (
	_ "expvar"
	"flag"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"time"
)

var keep [][]byte

//go:noinline
func remember() { keep = append(keep, make([]byte, 64<<10)) }

//go:noinline
func park(depth int) {
	if depth > 0 {
		park(depth - 1)
	}
	select {}
}

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "")
	parked := flag.Int("parked", 0, "goroutines at the start")
	first := flag.Int("first", 0, "MiB at the start")
	depth := flag.Int("depth", 0, "calls in which those wait")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		panic(err)
	}
	for i := 0; i < *parked; i++ {
		go park(*depth)
	}
	for i := 0; i < *first*16; i++ {
		remember()
	}
	fmt.Println(l.Addr())
	go func() {
		for {
			remember()
			go park(0)
			time.Sleep(10 * time.Millisecond)
		}
	}()
	http.Serve(l, nil)
}
`;
