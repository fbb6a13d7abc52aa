module example.com/prog.v2

go 1.25
