package sub

type T struct{ a, b int }

func New(n int) *T { return &T{n, n} } // want literal: returned
