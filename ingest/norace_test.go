//go:build !race

package ingest_test

const fraction = 1
