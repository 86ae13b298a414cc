package folder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"bowecho/ingest/source"

	"golang.org/x/sys/unix"
)

// watcher reads Linux's inotify itself: portable libraries do not tell when a file is closed after writing, and that
// is the only sign that a file which is not renamed in is whole.
type watcher struct {
	file  *os.File
	paths map[int32]string // of each watched directory
	queue []happening
	buf   [64 << 10]byte
}

// happening is a file that became whole, a directory that appeared, or the news that some news were lost.
type happening struct {
	path      string
	directory bool
	missed    bool
}

// events are what says that a file is whole, and that a directory appeared.
const events = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_CREATE | unix.IN_ONLYDIR

func watch(dir string) (*watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w; is fs.inotify.max_user_instances used up?", dir, err)
	}
	w := &watcher{file: os.NewFile(uintptr(fd), "inotify"), paths: map[int32]string{}}
	if err := w.add(dir); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *watcher) close() { _ = w.file.Close() }

// add watches a directory and those below it.
func (w *watcher) add(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if path != dir && source.Ignored(entry.Name()) {
			return filepath.SkipDir
		}
		id, err := unix.InotifyAddWatch(int(w.file.Fd()), path, events)
		if err != nil {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		w.paths[int32(id)] = path
		return nil
	})
}

// next waits for something to happen.
func (w *watcher) next(ctx context.Context) (happening, error) {
	stop := context.AfterFunc(ctx, func() { _ = w.file.Close() }) // ends the read
	defer stop()
	for len(w.queue) == 0 {
		n, err := w.file.Read(w.buf[:])
		if err != nil {
			return happening{}, errors.Join(ctx.Err(), err)
		}
		w.parse(w.buf[:n])
	}
	first := w.queue[0]
	w.queue = w.queue[1:]
	return first, nil
}

// parse queues the events of one read.
func (w *watcher) parse(b []byte) {
	for len(b) >= unix.SizeofInotifyEvent {
		e := (*unix.InotifyEvent)(unsafe.Pointer(&b[0]))
		end := unix.SizeofInotifyEvent + int(e.Len)
		name := string(bytes.TrimRight(b[unix.SizeofInotifyEvent:end], "\x00"))
		b = b[end:]
		path := filepath.Join(w.paths[e.Wd], name)
		switch {
		case e.Mask&unix.IN_Q_OVERFLOW != 0:
			w.queue = append(w.queue, happening{missed: true})
		case e.Mask&unix.IN_IGNORED != 0:
			delete(w.paths, e.Wd)
		case e.Mask&unix.IN_ISDIR != 0:
			w.queue = append(w.queue, happening{path: path, directory: true})
		case e.Mask&(unix.IN_CLOSE_WRITE|unix.IN_MOVED_TO) != 0:
			w.queue = append(w.queue, happening{path: path})
		}
	}
}

// writing tells whether somebody has the file open for writing: then the kernel refuses a read lease on it. Where it
// cannot tell, as on NFS, the file counts as written.
func writing(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	_, err = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	return errors.Is(err, unix.EAGAIN)
}
