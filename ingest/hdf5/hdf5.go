// Package hdf5 is the one door to the HDF5 library: what a file in memory holds, copied out.
//
// The library can crash on a broken file, and it takes the process with it: files of strangers belong into a process of
// their own.
package hdf5

/*
#cgo pkg-config: hdf5
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

static void be_silent(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

// open_image opens bytes in memory, of which the library keeps its own copy. Closing closes all that was left open.
static hid_t open_image(void *bytes, size_t count) {
	hid_t how = H5Pcreate(H5P_FILE_ACCESS);
	hid_t file = -1;
	if (how < 0) return -1;
	if (H5Pset_fapl_core(how, 1 << 16, 0) >= 0 && H5Pset_fclose_degree(how, H5F_CLOSE_STRONG) >= 0 &&
	    H5Pset_file_image(how, bytes, count) >= 0)
		file = H5Fopen("image", H5F_ACC_RDONLY, how);
	H5Pclose(how);
	return file;
}

// names is what a walk through a group has found: names that each end with a zero byte.
struct names { char *bytes; size_t length; };

enum { most_bytes = 1 << 20 };

static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *to) {
	struct names *n = to;
	size_t more = strlen(name) + 1;
	if (n->length + more > most_bytes) return 1; // enough
	memcpy(n->bytes + n->length, name, more);
	n->length += more;
	return 0;
}

static struct names list_names(hid_t group) {
	struct names n = {malloc(most_bytes), 0};
	if (n.bytes != NULL) H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, &n);
	return n;
}
*/
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// maxValues bounds what one dataset may hold: 8 bytes a value are allocated to read it.
const maxValues = 32 << 20

// one holds back all others: the library keeps state of its own.
var one sync.Mutex

// File is an open file. It is of use only inside Read.
type File struct{ id C.hid_t }

// Is tells whether bytes begin as HDF5, after a block of the writer's own where there is one.
func Is(data []byte) bool {
	signature := []byte("\x89HDF\r\n\x1a\n")
	for at := 0; at <= 2048 && at < len(data); at = max(512, 2*at) {
		if bytes.HasPrefix(data[at:], signature) {
			return true
		}
	}
	return false
}

// Read opens a file that lies in memory, lets it be used, and closes it.
func Read(data []byte, use func(*File) error) error {
	if len(data) == 0 {
		return errors.New("the file is empty")
	}
	one.Lock()
	defer one.Unlock()
	runtime.LockOSThread() // the library's silence is kept per thread
	defer runtime.UnlockOSThread()
	C.be_silent()
	id := C.open_image(unsafe.Pointer(&data[0]), C.size_t(len(data)))
	if id < 0 {
		return fmt.Errorf("the HDF5 library cannot open the %d bytes; they are truncated or corrupt", len(data))
	}
	defer C.H5Fclose(id)
	return use(&File{id})
}

// Members gives the names in a group in alphabetical order, none where there is no such group; at most 1 MiB of them.
func (f *File) Members(path string) []string {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	group := C.H5Gopen2(f.id, p, C.H5P_DEFAULT)
	if group < 0 {
		return nil
	}
	defer C.H5Gclose(group)
	list := C.list_names(group)
	defer C.free(unsafe.Pointer(list.bytes))
	if list.length == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(C.GoStringN(list.bytes, C.int(list.length)), "\x00"), "\x00")
}
