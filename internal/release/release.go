// Package release says which release of bowecho a program is. Who works together must be of one.
package release

// Version and Revision are set by `make build` and `make image`, as git describes the source and its commit. Programs
// that were built otherwise do not know theirs, and take each other for one release.
var (
	Version  = "devel"
	Revision = "unknown"
)
