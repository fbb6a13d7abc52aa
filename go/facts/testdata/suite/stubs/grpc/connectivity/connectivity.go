// Package connectivity has the states of a client connection.
package connectivity

type State int

const (
	Idle State = iota
	Connecting
	Ready
)
