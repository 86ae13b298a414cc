package grid

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A grid lies in the object store as a magic word, the length of a JSON header, the header, and for each lead time a
// zstd block of little-endian 16-bit codes, a plane of low bytes before a plane of high ones. A block of what was seen may
// follow, which older readers pass over.

const wireMagic = "BWGRID1\n"

// Codes of cells without a value. Values begin at firstCode.
const (
	codeMissing = iota
	codeNoEcho
	firstCode
)

// quantum is how finely values are kept, in their own units, and offset the least that can be.
const (
	quantum = 0.05
	offset  = -1000.0
)

type wireHeader struct {
	Product   string     `json:"product"`
	Quantity  string     `json:"quantity"`
	Units     string     `json:"units"`
	Domain    Domain     `json:"domain"`
	IssueTime time.Time  `json:"issueTime"`
	Radars    []string   `json:"radars"`
	Leads     []wireLead `json:"leads"`
	Seen      *wireSeen  `json:"seen,omitempty"`
}

type wireLead struct {
	Minutes float64 `json:"minutes"`
	Bytes   int     `json:"bytes"`
}

var (
	wireEncoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithSingleSegment(true)) // so that the length is told
	wireDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(4*MaxCells))
)

// Writer writes a grid as it is stored, lead time by lead time.
type Writer struct {
	grid   *Grid
	blocks [][]byte
}

// NewWriter begins a grid. Of its lead times it takes the minutes only: the fields come by themselves.
func NewWriter(g *Grid) *Writer { return &Writer{g, make([][]byte, len(g.Leads))} }

// Add takes the field at lead time i. Several may be added at once, and in any order.
func (w *Writer) Add(i int, f *Field) error {
	if d := w.grid.Domain; f.Rows != d.Rows || f.Cols != d.Cols || len(f.Values) != f.Rows*f.Cols {
		return fmt.Errorf("%s at %g min: %d×%d cells on a domain of %d×%d", w.grid.Product, w.grid.Leads[i].Minutes, f.Rows, f.Cols, d.Rows, d.Cols)
	}
	buffers := spareBuffers.Get().(*wireBuffers)
	defer spareBuffers.Put(buffers)
	buffers.codes = appendCodes(buffers.codes[:0], f.Values)
	buffers.block = wireEncoder.EncodeAll(buffers.codes, buffers.block[:0])
	w.blocks[i] = bytes.Clone(buffers.block)
	return nil
}

// wireBuffers hold a lead time's codes and its block, until they are copied; their memory is used for the next.
type wireBuffers struct{ codes, block []byte }

var spareBuffers = sync.Pool{New: func() any { return new(wireBuffers) }}

// Bytes gives the whole, when every field has been added. The same grid always gives the same bytes.
func (w *Writer) Bytes() ([]byte, error) {
	g := w.grid
	h := wireHeader{g.Product, g.Quantity, g.Units, g.Domain, g.IssueTime.UTC(), g.Radars, make([]wireLead, len(g.Leads)), nil}
	for i, lead := range g.Leads {
		h.Leads[i] = wireLead{lead.Minutes, len(w.blocks[i])}
	}
	seen, block, err := encodeSeen(g.Seen, g.Radars, g.Domain.Rows*g.Domain.Cols)
	if err != nil {
		return nil, fmt.Errorf("encode grid %s: %w", g.Product, err)
	}
	h.Seen = seen
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode grid %s: %w", g.Product, err)
	}
	size := binary.LittleEndian.AppendUint32(nil, uint32(len(head)))
	parts := append([][]byte{[]byte(wireMagic), size, head}, w.blocks...)
	return bytes.Join(append(parts, block), nil), nil
}

// Encode gives a grid as it is stored. Values are kept to within 0.025 of their unit, from -1000 to 2276; no echo and
// never observed are kept exactly.
func Encode(g *Grid) ([]byte, error) {
	w := NewWriter(g)
	if err := eachLead(len(g.Leads), func(i int) error { return w.Add(i, g.Leads[i].Field) }); err != nil {
		return nil, err
	}
	return w.Bytes()
}

func appendCodes(b []byte, values []float32) []byte {
	b = slices.Grow(b, 2*len(values))[:2*len(values)]
	low, high := b[:len(values)], b[len(values):]
	for i, v := range values {
		var code uint16
		switch {
		case v != v:
			code = codeMissing
		case v == NoEchoDBZ:
			code = codeNoEcho
		default:
			code = uint16(max(firstCode, min(math.MaxUint16, (float64(v)-offset)/quantum+firstCode+0.5)))
		}
		low[i], high[i] = byte(code), byte(code>>8)
	}
	return b
}

// Decode reads a stored grid, but for what was seen: see DecodeSeen.
func Decode(data []byte) (*Grid, error) {
	return DecodeLeads(data, func(float64) bool { return true })
}

// DecodeLeads reads only those lead times of a stored grid that are wanted, by their minutes.
func DecodeLeads(data []byte, want func(minutes float64) bool) (*Grid, error) {
	h, blocks, err := readHeader(data)
	if err != nil {
		return nil, fmt.Errorf("stored grid: %w", err)
	}
	g := &Grid{Product: h.Product, Quantity: h.Quantity, Units: h.Units, Domain: h.Domain, IssueTime: h.IssueTime, Radars: h.Radars}
	var wanted [][]byte
	for _, l := range h.Leads {
		if want(l.Minutes) {
			g.Leads = append(g.Leads, Lead{Minutes: l.Minutes})
			wanted = append(wanted, blocks[:l.Bytes])
		}
		blocks = blocks[l.Bytes:]
	}
	err = eachLead(len(wanted), func(i int) (err error) {
		g.Leads[i].Field, err = readBlock(wanted[i], h.Domain.Rows, h.Domain.Cols)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("stored grid: %w", err)
	}
	return g, nil
}

func readHeader(data []byte) (h wireHeader, blocks []byte, err error) {
	const fixed = len(wireMagic) + 4
	if len(data) < fixed || string(data[:len(wireMagic)]) != wireMagic {
		return h, nil, errors.New("does not begin as one")
	}
	n := int(binary.LittleEndian.Uint32(data[len(wireMagic):]))
	if n > len(data)-fixed {
		return h, nil, errors.New("truncated in its header")
	}
	if err := json.Unmarshal(data[fixed:fixed+n], &h); err != nil {
		return h, nil, fmt.Errorf("header: %w", err)
	}
	blocks = data[fixed+n:]
	left := len(blocks)
	for _, l := range h.Leads {
		if l.Bytes < 0 || l.Bytes > left {
			return h, nil, errors.New("truncated in its values")
		}
		left -= l.Bytes
	}
	if h.Seen != nil && (h.Seen.Bytes < 0 || h.Seen.Bytes > left) {
		return h, nil, errors.New("truncated in what was seen")
	}
	return h, blocks, h.Domain.Validate()
}

func readBlock(block []byte, rows, cols int) (*Field, error) {
	count := rows * cols
	b, err := inflate(block, 2*count)
	if err != nil {
		return nil, err
	}
	f := &Field{Rows: rows, Cols: cols, Values: make([]float32, count)}
	low, high := b[:count], b[count:]
	for i := range f.Values {
		switch code := uint16(low[i]) | uint16(high[i])<<8; code {
		case codeMissing:
			f.Values[i] = float32(math.NaN())
		case codeNoEcho:
			f.Values[i] = NoEchoDBZ
		default:
			f.Values[i] = float32(offset + quantum*float64(code-firstCode))
		}
	}
	return f, nil
}

// eachLead works on lead times side by side, two at once, and gives their errors.
func eachLead(n int, work func(i int) error) error {
	errs := make([]error, n)
	hands := make(chan struct{}, 2)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			hands <- struct{}{}
			defer func() { <-hands }()
			errs[i] = work(i)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
