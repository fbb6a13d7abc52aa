// Package v1 has the outline of the client of pods.
package v1

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

type PodInterface interface {
	Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error)
	Delete(ctx context.Context, name string) error
}
