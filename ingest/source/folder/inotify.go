package folder

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bowecho/ingest/source"

	"golang.org/x/sys/unix"
)

// watcher reads Linux's inotify itself: portable libraries do not tell when a file is closed after writing, and that
// is the only sign that a file which is not renamed in is whole.
type watcher struct {
	root  string
	file  *os.File
	paths map[int32]string // of each watched directory
	queue []happening
	buf   [64 << 10]byte
}

// happening is what happened to a path.
type happening struct {
	what what
	path string
}

type what int

const (
	whole     what = iota // a file was closed after writing, or moved in
	directory             // one appeared
	gone                  // a file was removed or moved away
	rootGone
	missed // more happened than the kernel keeps: all must be looked at again
	due    // nothing happened until the time that was asked for
)

const (
	becameWhole = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO
	wentAway    = unix.IN_DELETE | unix.IN_MOVED_FROM
	events      = becameWhole | wentAway | unix.IN_CREATE | unix.IN_MOVE_SELF | unix.IN_ONLYDIR
)

func watch(dir string) (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w; is fs.inotify.max_user_instances used up?", dir, err)
	}
	w := &watcher{root: dir, file: os.NewFile(uintptr(fd), "inotify"), paths: map[int32]string{}}
	if err := w.add(dir); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *watcher) close() { _ = w.file.Close() }

// add watches a directory and those below it, but for those that vanish meanwhile.
func (w *watcher) add(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != w.root && source.Ignored(entry.Name()) {
			return filepath.SkipDir
		}
		if err == nil && (entry.IsDir() || path == w.root) {
			err = w.addOne(path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
}

func (w *watcher) addOne(dir string) error {
	id, err := unix.InotifyAddWatch(int(w.file.Fd()), dir, events)
	switch {
	case errors.Is(err, unix.ENOSPC):
		return fmt.Errorf("watch %s: %w; is fs.inotify.max_user_watches used up?", dir, err)
	case err != nil:
		return fmt.Errorf("watch %s: %w", dir, err)
	}
	w.paths[int32(id)] = dir
	return nil
}

// next waits for something to happen, at most until a time, unless that is zero.
func (w *watcher) next(ctx context.Context, until time.Time) (happening, error) {
	if !until.IsZero() && !time.Now().Before(until) {
		return happening{what: due}, nil
	}
	if err := w.file.SetReadDeadline(until); err != nil {
		return happening{}, err
	}
	stop := context.AfterFunc(ctx, w.close) // ends the read
	defer stop()
	for len(w.queue) == 0 {
		n, err := w.file.Read(w.buf[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return happening{what: due}, nil
		}
		if err != nil {
			return happening{}, err
		}
		w.parse(w.buf[:n])
	}
	first := w.queue[0]
	w.queue = w.queue[1:]
	return first, nil
}

// parse queues the events of one read. Source: inotify(7), struct inotify_event.
func (w *watcher) parse(b []byte) {
	for len(b) >= unix.SizeofInotifyEvent {
		id := int32(binary.NativeEndian.Uint32(b))
		mask := binary.NativeEndian.Uint32(b[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
		name := string(bytes.TrimRight(b[unix.SizeofInotifyEvent:end], "\x00"))
		b = b[end:]
		if h, matters := w.meaning(id, mask, name); matters {
			w.queue = append(w.queue, h)
		}
	}
}

// meaning tells what an event says, and whether it matters.
func (w *watcher) meaning(id int32, mask uint32, name string) (h happening, matters bool) {
	dir, path := w.paths[id], filepath.Join(w.paths[id], name)
	switch {
	case mask&unix.IN_Q_OVERFLOW != 0:
		return happening{what: missed}, true
	case mask&unix.IN_IGNORED != 0:
		delete(w.paths, id)
		return happening{what: rootGone}, dir == w.root
	case mask&unix.IN_MOVE_SELF != 0:
		return happening{what: rootGone}, dir == w.root
	case source.Ignored(name):
		return h, false
	case mask&unix.IN_ISDIR != 0:
		return happening{directory, path}, mask&wentAway == 0
	case mask&wentAway != 0:
		return happening{gone, path}, true
	default:
		return happening{whole, path}, mask&becameWhole != 0
	}
}
