// Package codes has the states of a span.
package codes

type Code uint32

const Error Code = 1
