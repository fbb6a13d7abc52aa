// Package spans traces what a service does.
package spans

import (
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var tracer = otel.Tracer("orders")

type store interface {
	Load(ctx context.Context, id string) ([]byte, error)
}

func leakSpanOnError(ctx context.Context, s store, id string) ([]byte, error) {
	ctx, span := tracer.Start(ctx, "load") // want resource/span
	b, err := s.Load(ctx, id)
	if err != nil {
		span.RecordError(err)
		return nil, err
	}
	span.End()
	return b, nil
}

func cleanSpanOnError(ctx context.Context, s store, id string) ([]byte, error) {
	ctx, span := tracer.Start(ctx, "load")
	defer span.End()
	b, err := s.Load(ctx, id)
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		return nil, err
	}
	return b, nil
}

func leakSpanNever(ctx context.Context, t trace.Tracer, work func(context.Context)) {
	ctx, span := t.Start(ctx, "work") // want resource/span
	span.AddEvent("start")
	work(ctx)
}

func leakSpanIgnored(ctx context.Context, t trace.Tracer, work func(context.Context) error) error {
	ctx, _ = t.Start(ctx, "work") // want resource/span
	return work(ctx)
}

func leakSpanInLoop(ctx context.Context, t trace.Tracer, ids []string, s store) error {
	for _, id := range ids {
		c, span := t.Start(ctx, "item") // want resource/span
		if _, err := s.Load(c, id); errors.Is(err, context.Canceled) {
			continue
		}
		span.End()
	}
	return nil
}

func cleanSpanInLoop(ctx context.Context, t trace.Tracer, ids []string, s store) error {
	for _, id := range ids {
		if err := func() error {
			c, span := t.Start(ctx, "item")
			defer span.End()
			_, err := s.Load(c, id)
			return err
		}(); err != nil {
			return err
		}
	}
	return nil
}

func startSpan(ctx context.Context, name string) (context.Context, func(error)) {
	ctx, span := tracer.Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			span.RecordError(err)
		}
		span.End()
	}
}

func cleanSpanFunc(ctx context.Context, s store) (err error) {
	ctx, end := startSpan(ctx, "x")
	defer func() { end(err) }()
	_, err = s.Load(ctx, "x")
	return err
}

func cleanSpanDeferNow(ctx context.Context, s store) ([]byte, error) {
	ctx, span := tracer.Start(ctx, "now")
	defer finish(span)
	return s.Load(ctx, "now")
}

func finish(s trace.Span) { s.End() }

// The span belongs to who began it.
func cleanSpanFromContext(ctx context.Context, err error) {
	span := trace.SpanFromContext(ctx)
	span.RecordError(err)
}

func cleanSpanMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(r.Context(), r.URL.Path)
		defer span.End()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

type job struct{ span trace.Span }

func cleanSpanKept(ctx context.Context, jobs map[string]*job, id string) {
	_, span := tracer.Start(ctx, "job")
	jobs[id] = &job{span: span}
}
