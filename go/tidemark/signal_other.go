//go:build !unix

package tidemark

// onSwitchSignal does nothing: there is no SIGUSR2 here. HTTP and the API switch lock profiling.
func onSwitchSignal(func()) (stop func()) { return func() {} }
