package folder

import (
	"context"
	"errors"
	"os"
	"time"

	"bowecho/ingest/source"

	"golang.org/x/sys/unix"
)

// writers says whether anybody has a file open for writing.
type writers int

const (
	none writers = iota
	some
	unknown
)

// writersOf asks the kernel, which refuses a read lease on a file that is open for writing. It gives no lease at all,
// and so no answer, on another user's file and on some file systems. Source: fcntl(2), F_SETLEASE.
func writersOf(path string) writers {
	f, err := os.Open(path)
	if err != nil {
		return unknown
	}
	defer f.Close() // gives the lease back
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	switch {
	case err == nil:
		return none
	case errors.Is(err, unix.EAGAIN):
		return some
	default:
		return unknown
	}
}

// settled is how long a file must have been left alone to count as whole where the kernel does not tell. Should its
// writer only have paused, its close is another event, and the file is emitted again under another identity.
const settled = 2 * time.Second

// settle waits until a file has been left alone, or is gone.
func settle(ctx context.Context, file source.Listed) error {
	for info := file.Info; ; {
		left := settled - time.Since(info.ModTime())
		if left <= 0 {
			return nil
		}
		left = min(left, settled) // a clock elsewhere may be ahead of ours
		if err := source.Wait(ctx, time.Now().Add(left)); err != nil {
			return err
		}
		after, err := os.Lstat(file.Path)
		if err != nil || after.Size() == info.Size() && after.ModTime().Equal(info.ModTime()) {
			return nil
		}
		info = after
	}
}
