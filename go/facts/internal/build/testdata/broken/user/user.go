package user

import "example.com/broken/bad"

func G() int { return bad.F() }
