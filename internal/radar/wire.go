package radar

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A scan lies in the object store as a magic word, the length of a JSON header, the header, and for each moment a zstd
// block of codes (see Moment), so that a reader may skip moments.

const wireMagic = "BWSCAN1\n"

// maxWireGates bounds what a header may ask to be allocated for one moment.
const maxWireGates = 64 << 20

type wireHeader struct {
	Scan   Scan // without values
	Blocks []wireBlock
}

// wireBlock says how to read the values of one moment.
type wireBlock struct {
	Sweep, Moment int
	Coding
	Bytes int
}

var (
	wireEncoder, _ = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithSingleSegment(true)) // so that the length is told
	wireDecoder, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(4*maxWireGates))
)

// Encode gives a scan as it is stored. Values are kept to within half a hundredth of their unit (half a ten-thousandth
// for moments between 0 and 1), or to the 65,000th part of their range where that is coarser. The same scan always
// gives the same bytes.
func Encode(s *Scan) ([]byte, error) {
	h := wireHeader{Scan: *s}
	h.Scan.Sweeps = slices.Clone(s.Sweeps)
	var moments []*Moment
	for i := range h.Scan.Sweeps {
		sweep := &h.Scan.Sweeps[i]
		sweep.Moments = slices.Clone(sweep.Moments)
		for j := range sweep.Moments {
			m := &sweep.Moments[j]
			if gates := len(sweep.Rays) * m.Gates.Count; len(m.Values)+len(m.Codes) != gates && len(m.Codes) != 2*gates {
				return nil, fmt.Errorf("sweep %d of %s: %s has %d values and %d bytes of codes, want %d rays × %d gates",
					i, s.Site.Name, m.Name, len(m.Values), len(m.Codes), len(sweep.Rays), m.Gates.Count)
			}
			moments = append(moments, &s.Sweeps[i].Moments[j])
			m.Values = nil
			h.Blocks = append(h.Blocks, wireBlock{Sweep: i, Moment: j})
		}
	}
	packed := make([][]byte, len(moments))
	sideBySide(len(moments), func(i int) error {
		packed[i] = pack(moments[i], &h.Blocks[i])
		return nil
	})
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode scan of %s: %w", s.Site.Name, err)
	}
	out := binary.LittleEndian.AppendUint32([]byte(wireMagic), uint32(len(head)))
	return append(append(out, head...), slices.Concat(packed...)...), nil
}

// Decode reads a stored scan. With names it reads only those moments, and the others are left out.
func Decode(data []byte, names ...string) (*Scan, error) {
	h, blocks, err := readHeader(data)
	if err != nil {
		return nil, fmt.Errorf("stored scan: %w", err)
	}
	wanted := func(m *Moment) bool { return len(names) == 0 || slices.Contains(names, m.Name) }
	starts := make([]int, len(h.Blocks))
	for i, at := 0, 0; i < len(h.Blocks); i++ {
		starts[i] = at
		at += h.Blocks[i].Bytes
	}
	err = sideBySide(len(h.Blocks), func(i int) error {
		b := h.Blocks[i]
		sweep := &h.Scan.Sweeps[b.Sweep]
		m := &sweep.Moments[b.Moment]
		if !wanted(m) {
			return nil
		}
		var err error
		m.Values, err = unpack(blocks[starts[i]:starts[i]+b.Bytes], b, len(sweep.Rays)*m.Gates.Count)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("stored scan: %w", err)
	}
	for i := range h.Scan.Sweeps {
		h.Scan.Sweeps[i].Moments = slices.DeleteFunc(h.Scan.Sweeps[i].Moments, func(m Moment) bool { return !wanted(&m) })
	}
	return &h.Scan, nil
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
	return h, blocks, h.check(len(blocks))
}

// check holds that the blocks are those of the scan's moments, each once, and lie within the bytes.
func (h *wireHeader) check(bytes int) error {
	type place struct{ sweep, moment int }
	seen := map[place]bool{}
	for _, b := range h.Blocks {
		if b.Sweep < 0 || b.Sweep >= len(h.Scan.Sweeps) || b.Moment < 0 || b.Moment >= len(h.Scan.Sweeps[b.Sweep].Moments) || seen[place{b.Sweep, b.Moment}] {
			return fmt.Errorf("a block of sweep %d, moment %d, which is not there or is there twice", b.Sweep, b.Moment)
		}
		seen[place{b.Sweep, b.Moment}] = true
		sweep := &h.Scan.Sweeps[b.Sweep]
		if gates := sweep.Moments[b.Moment].Gates.Count; gates < 0 || gates > 0 && len(sweep.Rays) > maxWireGates/gates {
			return fmt.Errorf("%d rays × %d gates", len(sweep.Rays), gates)
		}
		if b.Bytes < 0 || b.Bytes > bytes {
			return errors.New("truncated in its values")
		}
		bytes -= b.Bytes
	}
	moments := 0
	for _, s := range h.Scan.Sweeps {
		moments += len(s.Moments)
	}
	if moments != len(h.Blocks) {
		return fmt.Errorf("%d blocks for %d moments", len(h.Blocks), moments)
	}
	return nil
}

func unpack(block []byte, b wireBlock, count int) ([]float32, error) {
	var z zstd.Header
	if err := z.Decode(block); err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	size := int(z.FrameContentSize)
	if !z.HasFCS || size != count && size != 2*count {
		return nil, fmt.Errorf("a block of %d bytes for %d gates", z.FrameContentSize, count)
	}
	memory := NewCodes(size)
	defer spareCodes.keep(memory)
	codes, err := wireDecoder.DecodeAll(block, memory[:0])
	if err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	if len(codes) != size {
		return nil, fmt.Errorf("a block of %d bytes for %d gates", len(codes), count)
	}
	values := make([]float32, count)
	newExpander(b.Coding).expand(values, codes[:count], codes[count:])
	return values, nil
}

// sideBySide runs n pieces of work on two cores and gives their errors.
func sideBySide(n int, work func(i int) error) error {
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
