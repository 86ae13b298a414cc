package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"runtime/debug"
	"time"

	"bowecho/ingest/cfradial"
	"bowecho/ingest/hdf5"
	"bowecho/ingest/odim"
	"bowecho/ingest/source"
	"bowecho/internal/radar"

	"golang.org/x/sys/unix"
)

// DecodeHDF5 is the argument with which this program's file is started again to decode one HDF5 file: the program must
// then call ServeHDF5. The HDF5 library can crash, hang and leak on a broken file, and so it does that where it hurts
// nobody.
const DecodeHDF5 = "decode-hdf5"

// What the process that decodes may use. The largest volume known takes 0.6 GiB, 1.5 s and 160 MB.
const (
	apartMemory = 2 << 30 // bytes of memory that can be written
	apartCPU    = 20      // seconds
	apartTime   = 30 * time.Second
	apartOutput = 1 << 30 // bytes
)

// decodeApart decodes an HDF5 file in a process of its own.
func decodeApart(name string, data []byte) (*radar.Scan, error) {
	if len(os.Args) > 1 && os.Args[1] == DecodeHDF5 {
		return nil, errors.New("a process that decodes starts no other: this program does not call ServeHDF5")
	}
	ctx, cancel := context.WithTimeout(context.Background(), apartTime)
	defer cancel()
	name = path.Base(name)
	child := exec.CommandContext(ctx, "/proc/self/exe", DecodeHDF5, "--", name) // also when the file has been replaced
	child.Stdin = bytes.NewReader(data)
	child.WaitDelay = time.Second
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := child.Start(); err != nil {
		return nil, fmt.Errorf("%s: start a process to decode it: %w", name, err)
	}
	answer, err := readReply(bufio.NewReaderSize(io.LimitReader(out, apartOutput), 1<<20))
	out.Close() // it may be waiting for someone to read more
	ended := child.Wait()
	switch {
	case err == nil && answer.Error != "":
		return nil, errors.New(answer.Error)
	case err == nil:
		return &answer.Scan, nil
	case ended == nil:
		return nil, fmt.Errorf("%s: the process that decodes it gave no scan: %w", name, err)
	default:
		return nil, fmt.Errorf("%s: the HDF5 library broke on this file (%w); it is corrupt, ask the radar to send it again", name, ended)
	}
}

// ServeHDF5 is the life of the process that decodes: it limits itself, reads a file and writes what is in it. The
// answer says so where the file is bad; an error is one of the process itself.
func ServeHDF5(name string, in io.Reader, out io.Writer) error {
	for what, most := range map[int]uint64{unix.RLIMIT_DATA: apartMemory, unix.RLIMIT_CPU: apartCPU, unix.RLIMIT_CORE: 0, unix.RLIMIT_FSIZE: 0} {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limit itself: %w", err)
		}
	}
	debug.SetMemoryLimit(apartMemory * 3 / 4)
	data, err := io.ReadAll(io.LimitReader(in, source.MaxBytes+1))
	if err != nil {
		return err
	}
	scan, err := decodeHDF5(name, data)
	w := bufio.NewWriterSize(out, 1<<20)
	if err := writeReply(w, scan, err); err != nil {
		return err
	}
	return w.Flush()
}

// decodeHDF5 decodes by what is inside.
func decodeHDF5(name string, data []byte) (*radar.Scan, error) {
	if len(data) > source.MaxBytes {
		return nil, fmt.Errorf("%s: more than %d MiB, which no radar file is", name, source.MaxBytes>>20)
	}
	var isODIM bool
	err := hdf5.Read(data, func(f *hdf5.File) error {
		isODIM = odim.Is(f)
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w; ask the radar to send it again", name, err)
	case isODIM:
		return odim.Decode(name, data)
	default:
		return cfradial.Decode(name, data)
	}
}
