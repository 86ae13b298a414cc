package hdf5

/*
#include <hdf5.h>
#include <stdlib.h>

static hid_t double_in_memory(void) { return H5T_NATIVE_DOUBLE; }
*/
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"
)

var (
	errNoNumbers  = errors.New("does not hold numbers")
	errNoText     = errors.New("is not text")
	errUnreadable = errors.New("the data are corrupt or packed in a way that is not known")
)

// Attribute is a text or a list of numbers.
type Attribute struct {
	Text    string
	Numbers []float64
}

// Attribute gives an attribute of the group or dataset at a path, and whether it is there and is text or numbers.
func (f *File) Attribute(path, name string) (a Attribute, found bool) {
	p, n := C.CString(path), C.CString(name)
	defer C.free(unsafe.Pointer(p))
	defer C.free(unsafe.Pointer(n))
	id := C.H5Aopen_by_name(f.id, p, n, C.H5P_DEFAULT, C.H5P_DEFAULT)
	if id < 0 {
		return a, false
	}
	defer C.H5Aclose(id)
	v := values{kind: C.H5Aget_type(id), space: C.H5Aget_space(id)}
	defer v.close()
	v.read = func(memory C.hid_t, into unsafe.Pointer) C.herr_t { return C.H5Aread(id, memory, into) }
	if texts, err := v.texts(); err == nil {
		if len(texts) > 0 {
			a.Text = texts[0]
		}
		return a, true
	}
	var err error
	a.Numbers, err = v.numbers()
	return a, err == nil
}

// Shape gives the lengths of a dataset's dimensions, and whether there is a dataset at that path.
func (f *File) Shape(path string) (shape []int, found bool) {
	err := f.dataset(path, func(v *values) error {
		shape = v.shape()
		return nil
	})
	return shape, err == nil
}

// Numbers gives all values of a dataset of numbers of any type, row by row.
func (f *File) Numbers(path string) (numbers []float64, err error) {
	err = f.dataset(path, func(v *values) error {
		numbers, err = v.numbers()
		return err
	})
	return numbers, err
}

// Texts gives all values of a dataset of texts, row by row.
func (f *File) Texts(path string) (texts []string, err error) {
	err = f.dataset(path, func(v *values) error {
		texts, err = v.texts()
		return err
	})
	return texts, err
}

func (f *File) dataset(path string, use func(*values) error) error {
	p := C.CString(path)
	defer C.free(unsafe.Pointer(p))
	id := C.H5Dopen2(f.id, p, C.H5P_DEFAULT)
	if id < 0 {
		return fmt.Errorf("no dataset %s", path)
	}
	defer C.H5Dclose(id)
	v := values{kind: C.H5Dget_type(id), space: C.H5Dget_space(id)}
	defer v.close()
	v.read = func(memory C.hid_t, into unsafe.Pointer) C.herr_t {
		return C.H5Dread(id, memory, C.H5S_ALL, C.H5S_ALL, C.H5P_DEFAULT, into)
	}
	return use(&v)
}

// values is what an attribute and a dataset have in common.
type values struct {
	kind, space C.hid_t
	read        func(memory C.hid_t, into unsafe.Pointer) C.herr_t
}

func (v *values) close() {
	C.H5Tclose(v.kind)
	C.H5Sclose(v.space)
}

func (v *values) shape() []int {
	n := C.H5Sget_simple_extent_ndims(v.space)
	if n <= 0 {
		return []int{}
	}
	lengths := make([]C.hsize_t, n)
	C.H5Sget_simple_extent_dims(v.space, &lengths[0], nil)
	shape := make([]int, n)
	for i, l := range lengths {
		shape[i] = int(min(uint64(l), 1<<40))
	}
	return shape
}

func (v *values) count() (int, error) {
	n := C.H5Sget_simple_extent_npoints(v.space)
	if n < 0 || n > maxValues {
		return 0, fmt.Errorf("%d values are claimed, want at most %d", n, maxValues)
	}
	return int(n), nil
}

func (v *values) numbers() ([]float64, error) {
	if class := C.H5Tget_class(v.kind); class != C.H5T_INTEGER && class != C.H5T_FLOAT {
		return nil, errNoNumbers
	}
	n, err := v.count()
	if err != nil || n == 0 {
		return nil, err
	}
	out := make([]float64, n)
	if v.read(C.double_in_memory(), unsafe.Pointer(&out[0])) < 0 {
		return nil, errUnreadable
	}
	return out, nil
}

func (v *values) texts() ([]string, error) {
	if C.H5Tget_class(v.kind) != C.H5T_STRING {
		return nil, errNoText
	}
	n, err := v.count()
	if err != nil || n == 0 {
		return nil, err
	}
	if C.H5Tis_variable_str(v.kind) > 0 {
		return v.variableTexts(n)
	}
	size := int(C.H5Tget_size(v.kind))
	if size < 1 || size > 8*maxValues/n {
		return nil, fmt.Errorf("%d texts of %d bytes are claimed", n, size)
	}
	raw := make([]byte, n*size)
	if v.read(v.kind, unsafe.Pointer(&raw[0])) < 0 {
		return nil, errUnreadable
	}
	texts := make([]string, n)
	for i := range texts {
		text, _, _ := bytes.Cut(raw[i*size:(i+1)*size], []byte{0})
		texts[i] = string(text)
	}
	return texts, nil
}

// variableTexts reads texts that each have a length of their own, through memory of the library's.
func (v *values) variableTexts(n int) ([]string, error) {
	size := C.size_t(unsafe.Sizeof((*C.char)(nil)))
	list := C.calloc(C.size_t(n), size)
	if list == nil {
		return nil, fmt.Errorf("no memory for %d texts", n)
	}
	defer C.free(list)
	if v.read(v.kind, list) < 0 {
		return nil, errUnreadable
	}
	defer C.H5Dvlen_reclaim(v.kind, v.space, C.H5P_DEFAULT, list)
	texts := make([]string, n)
	for i, p := range unsafe.Slice((**C.char)(list), n) {
		if p != nil {
			texts[i] = C.GoString(p)
		}
	}
	return texts, nil
}
