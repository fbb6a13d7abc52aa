// Package user imports what its importer tests.
package user

import "example.com/library"

func Use(f *library.Feed) { f.Push(1) }
