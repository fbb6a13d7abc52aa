// Package kube watches the objects of a cluster.
package kube

import (
	"context"
	"errors"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

func leakWaitDeleted(ctx context.Context, pods corev1.PodInterface, name string) error {
	w, err := pods.Watch(ctx, metav1.ListOptions{LabelSelector: name}) // want resource/watch
	if err != nil {
		return err
	}
	for ev := range w.ResultChan() {
		if ev.Type == watch.Deleted {
			return nil
		}
	}
	return errors.New("the watch ended")
}

func cleanWaitDeleted(ctx context.Context, pods corev1.PodInterface, name string) error {
	w, err := pods.Watch(ctx, metav1.ListOptions{LabelSelector: name})
	if err != nil {
		return err
	}
	defer w.Stop()
	for ev := range w.ResultChan() {
		if ev.Type == watch.Deleted {
			return nil
		}
	}
	return errors.New("the watch ended")
}

func leakWatchTimeout(ctx context.Context, pods corev1.PodInterface, d time.Duration) (any, error) {
	w, err := pods.Watch(ctx, metav1.ListOptions{}) // want resource/watch
	if err != nil {
		return nil, err
	}
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	select {
	case ev := <-w.ResultChan():
		w.Stop()
		return ev.Object, nil
	case <-timeout.C:
		return nil, errors.New("timed out")
	}
}

func cleanWatchTimeout(ctx context.Context, pods corev1.PodInterface, d time.Duration) (any, error) {
	w, err := pods.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	timeout := time.NewTimer(d)
	defer timeout.Stop()
	select {
	case ev := <-w.ResultChan():
		w.Stop()
		return ev.Object, nil
	case <-timeout.C:
		w.Stop()
		return nil, errors.New("timed out")
	}
}

// A new watch for each round, the last one goes on.
func leakRewatch(ctx context.Context, pods corev1.PodInterface, handle func(watch.Event)) error {
	for ctx.Err() == nil {
		w, err := pods.Watch(ctx, metav1.ListOptions{}) // want resource/watch
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		for ev := range w.ResultChan() {
			if ev.Type == watch.Error {
				break
			}
			handle(ev)
		}
	}
	return ctx.Err()
}

func cleanRewatch(ctx context.Context, pods corev1.PodInterface, handle func(watch.Event)) error {
	for ctx.Err() == nil {
		w, err := pods.Watch(ctx, metav1.ListOptions{})
		if err != nil {
			time.Sleep(time.Second)
			continue
		}
		drain(w, handle)
	}
	return ctx.Err()
}

func drain(w watch.Interface, handle func(watch.Event)) {
	defer w.Stop()
	for ev := range w.ResultChan() {
		if ev.Type == watch.Error {
			return
		}
		handle(ev)
	}
}

type podWatcher struct {
	pods corev1.PodInterface
	w    watch.Interface
}

func (p *podWatcher) cleanStart(ctx context.Context) (err error) {
	p.w, err = p.pods.Watch(ctx, metav1.ListOptions{})
	return err
}

func (p *podWatcher) Stop() {
	if p.w != nil {
		p.w.Stop()
	}
}

func cleanWatchGoroutine(ctx context.Context, pods corev1.PodInterface, out chan<- watch.Event) error {
	w, err := pods.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		w.Stop()
	}()
	go func() {
		defer close(out)
		for ev := range w.ResultChan() {
			select {
			case out <- ev:
			case <-ctx.Done():
				return
			}
		}
	}()
	return nil
}
