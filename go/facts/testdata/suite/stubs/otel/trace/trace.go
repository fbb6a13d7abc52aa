// Package trace has the outline of spans.
package trace

import (
	"context"

	"go.opentelemetry.io/otel/codes"
)

type SpanStartOption interface{ apply() }

type Span interface {
	End()
	RecordError(err error)
	SetStatus(code codes.Code, description string)
	AddEvent(name string)
}

type Tracer interface {
	Start(ctx context.Context, name string, options ...SpanStartOption) (context.Context, Span)
}

type key struct{}

func SpanFromContext(ctx context.Context) Span { s, _ := ctx.Value(key{}).(Span); return s }
