// Package v1 has the options of a list.
package v1

type ListOptions struct {
	LabelSelector  string
	TimeoutSeconds *int64
}
