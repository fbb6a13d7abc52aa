// Package prometheus has the outline of collectors.
package prometheus

type Collector interface{ Describe() }

type Labels map[string]string

type Opts struct {
	Name        string
	ConstLabels Labels
}

type (
	CounterOpts = Opts
	GaugeOpts   = Opts
)

type Counter interface {
	Collector
	Inc()
}

type Gauge interface {
	Collector
	Set(float64)
}

type CounterVec struct{ children map[string]Counter }

func NewCounterVec(o CounterOpts, labels []string) *CounterVec {
	return &CounterVec{children: make(map[string]Counter, len(labels)+len(o.Name))}
}

func (v *CounterVec) Describe() {}

func (v *CounterVec) WithLabelValues(values ...string) Counter { return v.children[values[0]] }

func (v *CounterVec) DeleteLabelValues(values ...string) bool {
	delete(v.children, values[0])
	return true
}

func NewGauge(o GaugeOpts) Gauge { _ = o; return nil }

func NewCounter(o CounterOpts) Counter { _ = o; return nil }

type Registerer interface {
	Register(Collector) error
	MustRegister(...Collector)
	Unregister(Collector) bool
}

var DefaultRegisterer Registerer

func MustRegister(list ...Collector) { DefaultRegisterer.MustRegister(list...) }

func Register(c Collector) error { return DefaultRegisterer.Register(c) }

func Unregister(c Collector) bool { return DefaultRegisterer.Unregister(c) }

func NewRegistry() Registerer { return DefaultRegisterer }

func (v *CounterVec) With(l Labels) Counter {
	for _, value := range l {
		return v.children[value]
	}
	return nil
}
