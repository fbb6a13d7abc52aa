module example.com/stands

go 1.23
