package ncfile

/*
#cgo pkg-config: hdf5
#include <hdf5.h>

static void be_silent(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
*/
import "C"

import (
	"runtime"
	"sync"
)

var one sync.Mutex

// alone holds back all others until what it gives is called, since netCDF-C is not safe for concurrent use. Meanwhile HDF5
// below it does not print what netCDF-C only tries, which each thread has to be told.
func alone() (done func()) {
	one.Lock()
	runtime.LockOSThread()
	C.be_silent()
	return func() {
		runtime.UnlockOSThread()
		one.Unlock()
	}
}
