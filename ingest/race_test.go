//go:build race

package ingest_test

// fraction of the cases that are tried: under the race detector each process takes long to start.
const fraction = 20
