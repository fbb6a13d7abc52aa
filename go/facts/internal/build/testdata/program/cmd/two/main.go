package main

func main() { each() }

func each() {}
