// Package watch has the outline of a watch.
package watch

type EventType string

const (
	Added   EventType = "ADDED"
	Deleted EventType = "DELETED"
	Error   EventType = "ERROR"
)

type Event struct {
	Type   EventType
	Object any
}

type Interface interface {
	Stop()
	ResultChan() <-chan Event
}
