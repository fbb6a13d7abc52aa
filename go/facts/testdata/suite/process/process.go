// Package process has started commands and signals.
package process

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func leakStart(name string) error {
	cmd := exec.Command(name) // started, never waited for
	return cmd.Start()        // want resource/process
}

func leakStartTimeout(ctx context.Context, name string) error {
	cmd := exec.CommandContext(ctx, name)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil { // want resource/process
		return err
	}
	if out.Len() > 0 {
		return fmt.Errorf("early output: %s", out.String())
	}
	return cmd.Wait()
}

func leakKillWithoutWait(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil { // want resource/process
		return err
	}
	time.Sleep(time.Second)
	return cmd.Process.Kill()
}

func leakSignal(reload func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP) // want resource/signal-notify
	select {
	case <-c:
		reload()
	case <-time.After(time.Second):
	}
}

func leakSignalEarly(work func() error) error {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt) // want resource/signal-notify
	if err := work(); err != nil {
		return err
	}
	signal.Stop(c)
	return nil
}

func leakNotifyContext(parent context.Context, work func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt) // want resource/cancel
	if err := work(ctx); err != nil {
		return err
	}
	stop()
	return nil
}

func cleanRun(name string) error {
	return exec.Command(name).Run()
}

func cleanWait(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return cmd.Wait()
}

func cleanWaitInGoroutine(name string) (<-chan error, error) {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return done, nil
}

type daemon struct{ cmd *exec.Cmd }

func cleanKept(d *daemon, name string) error {
	d.cmd = exec.Command(name)
	return d.cmd.Start()
}

func cleanReturned(name string) (*exec.Cmd, error) {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return cmd, nil
}

func cleanDetached(name string) error {
	cmd := exec.Command(name)
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

func cleanSignal(reload func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	defer signal.Stop(c)
	select {
	case <-c:
		reload()
	case <-time.After(time.Second):
	}
}

type watcher struct{ c chan os.Signal }

func cleanSignalField() *watcher {
	w := &watcher{c: make(chan os.Signal, 1)}
	signal.Notify(w.c, syscall.SIGHUP)
	return w
}

func cleanSignalReturned() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	return c
}

func cleanNotifyContext(parent context.Context, work func(context.Context) error) error {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt)
	defer stop()
	return work(ctx)
}
