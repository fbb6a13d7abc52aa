// Package otel has the outline of the global tracer.
package otel

import "go.opentelemetry.io/otel/trace"

var global trace.Tracer

func Tracer(name string) trace.Tracer { _ = name; return global }
