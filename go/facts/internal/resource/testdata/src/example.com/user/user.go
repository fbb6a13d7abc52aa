package user

import "example.com/helper"

func leak(name string) int64 { // want leak:"only uses its arguments"
	f, err := helper.Open(name) // want `the file from Open is not closed on the path that ends in line 10 \(resource/file\)`
	if err != nil {
		return 0
	}
	return helper.Use(f)
}

func clean(name string) int64 { // want clean:"only uses its arguments"
	f, err := helper.Open(name)
	if err != nil {
		return 0
	}
	defer helper.Done(f)
	return helper.Use(f)
}

func kept(name string) { // want kept:"only uses its arguments"
	if f, err := helper.Open(name); err == nil {
		helper.Remember(f)
	}
}

func ignored(name string) int64 { // want ignored:"only uses its arguments"
	f, err := helper.Open(name) //tidemark:ignore resource/file the process ends right after
	if err != nil {
		return 0
	}
	return helper.Use(f)
}
