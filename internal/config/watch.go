package config

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Watcher watches a file for changes. It watches the file's folder, so that a file which is replaced counts, as editors do
// it, and a link that is set anew, as container platforms do it. Of what other machines write over NFS the kernel does
// not tell.
type Watcher struct {
	path   string
	before []byte
	file   *os.File // inotify
	names  []string // of what counts in the folders
	buf    [16 << 10]byte
}

// NewWatcher watches from now on. It must be run or closed.
func NewWatcher(path string) (*Watcher, error) {
	w := &Watcher{path: path}
	err := w.watch()
	if err == nil {
		w.before, err = os.ReadFile(path)
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("watch %s: %w", path, err)
	}
	return w, nil
}

// watch asks the kernel to tell of the folders in which the file lies: where its path says, and where links lead.
func (w *Watcher) watch() error {
	target, err := filepath.EvalSymlinks(w.path)
	if err != nil {
		return err
	}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("%w; is fs.inotify.max_user_instances used up?", err)
	}
	w.file, w.names = os.NewFile(uintptr(fd), "inotify"), []string{filepath.Base(w.path), filepath.Base(target)}
	for _, dir := range []string{filepath.Dir(w.path), filepath.Dir(target)} {
		const whole = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO
		if _, err := unix.InotifyAddWatch(fd, dir, whole|unix.IN_DELETE_SELF|unix.IN_MOVE_SELF|unix.IN_ONLYDIR); err != nil {
			return fmt.Errorf("%w; is fs.inotify.max_user_watches used up?", err)
		}
	}
	return nil
}

// Close ends the watch.
func (w *Watcher) Close() {
	if w.file != nil {
		_ = w.file.Close()
	}
}

// Run calls changed each time that the file has other content than before, until ctx ends.
func (w *Watcher) Run(ctx context.Context, changed func()) error {
	defer w.Close()
	defer context.AfterFunc(ctx, w.Close)() // ends the read
	for {
		err := w.next()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("watch %s: %w", w.path, err)
		}
		now, err := os.ReadFile(w.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // moved away; what replaces it is told, too
		}
		if err == nil && bytes.Equal(w.before, now) {
			continue
		}
		w.before = now
		changed()
	}
}

// quiet is how long nothing must happen before a file is read: some write it in several goes.
const quiet = 100 * time.Millisecond

// next waits until the file may have changed, and then until nothing happens to it.
func (w *Watcher) next() error {
	for happened := false; ; {
		var until time.Time
		if happened {
			until = time.Now().Add(quiet)
		}
		if err := w.file.SetReadDeadline(until); err != nil {
			return err
		}
		n, err := w.file.Read(w.buf[:])
		if happened && errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		more, err := w.meaning(w.buf[:n])
		if err != nil {
			return err
		}
		happened = happened || more
	}
}

// meaning tells whether what the kernel told is of the file. Source: inotify(7), struct inotify_event.
func (w *Watcher) meaning(b []byte) (happened bool, err error) {
	for len(b) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(b[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
		name := string(bytes.TrimRight(b[unix.SizeofInotifyEvent:end], "\x00"))
		b = b[end:]
		switch {
		case mask&(unix.IN_DELETE_SELF|unix.IN_MOVE_SELF) != 0:
			return false, errors.New("its folder was moved or removed; a restart watches the file again")
		case mask&unix.IN_Q_OVERFLOW != 0, slices.Contains(w.names, name), strings.HasPrefix(name, ".."): // "..data" is such a link
			happened = true
		}
	}
	return happened, nil
}
