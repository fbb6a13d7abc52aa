package feed

import "errors"

func checkAll(checks []func() error) error {
	errs := make(chan error)
	for _, check := range checks {
		check := check
		go func() {
			errs <- check() // victim: first-error-wins
		}()
	}
	for range checks {
		if err := <-errs; err != nil {
			return err // holder: first-error-wins
		}
	}
	return nil
}

func leakAll() {
	bad := func() error { return errors.New("bad") }
	checkAll([]func() error{bad, bad, bad})
}

func verifyAll(checks []func() error) error {
	errs := make(chan error, len(checks))
	for _, check := range checks {
		check := check
		go func() {
			errs <- check()
		}()
	}
	for range checks {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

func fixedAll() {
	bad := func() error { return errors.New("bad") }
	verifyAll([]func() error{bad, bad, bad})
}
