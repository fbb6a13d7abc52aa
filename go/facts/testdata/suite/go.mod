module example.com/suite

go 1.22

require google.golang.org/grpc v1.0.0

replace google.golang.org/grpc => ./stubs/grpc
