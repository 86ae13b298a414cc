package bucket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"

	"github.com/minio/minio-go/v7"
)

// listen takes the objects that events tell of. An event is acknowledged when its objects are announced or set aside.
func (b *Bucket) listen(ctx context.Context, emit func(context.Context, source.File) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	guarded := func(ctx context.Context, f source.File) error {
		err := b.emit(ctx, f, emit)
		if err != nil {
			stop(err)
		}
		return err
	}
	err := source.Inbox(ctx, b.client, b.log, b.cfg.Notify, func(ctx context.Context, m stream.Message) error {
		objects, err := parse(m.Data, b.cfg.Bucket)
		if err != nil {
			return stream.Permanent(fmt.Errorf("event of bucket %s: %w", b.cfg.Bucket, err))
		}
		for _, o := range objects {
			if err := b.notified(ctx, o, guarded); err != nil {
				return err
			}
		}
		return nil
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// notified emits an object and waits for what becomes of it. What a look has found already is taken from there; what is
// not taken comes again with its event.
func (b *Bucket) notified(ctx context.Context, o minio.ObjectInfo, emit func(context.Context, source.File) error) error {
	id := b.identity(o)
	if !b.ours.MatchString(o.Key) || !b.wanted(o.Key) || !b.offered.Add(id) {
		return nil
	}
	err := source.Hand(ctx, emit, b.file(o))
	if err != nil {
		b.offered.Forget(id)
	}
	return err
}

// notice is an event of a bucket as S3 and those like it send it, or an envelope around one: of SNS, or of SQS.
type notice struct {
	Records []struct {
		Name string    `json:"eventName"`
		Time time.Time `json:"eventTime"`
		S3   struct {
			Bucket struct {
				Name string `json:"name"`
			} `json:"bucket"`
			Object struct {
				Key  string `json:"key"`
				Size int64  `json:"size"`
				ETag string `json:"eTag"`
			} `json:"object"`
		} `json:"s3"`
	} `json:"Records"`
	Event    string            `json:"Event"`   // s3:TestEvent
	Message  string            `json:"Message"` // SNS
	Body     string            `json:"Body"`    // SQS
	Messages []json.RawMessage `json:"Messages"`
}

// maxEnvelopes is how many envelopes may be in one another: a list of SQS, a message of it, SNS, and the event.
const maxEnvelopes = 4

// parse gives the objects of a bucket that an event says were created.
func parse(data []byte, bucket string) ([]minio.ObjectInfo, error) {
	return unwrap(data, bucket, maxEnvelopes)
}

func unwrap(data []byte, bucket string, depth int) (objects []minio.ObjectInfo, err error) {
	var n notice
	switch err := json.Unmarshal(data, &n); {
	case err != nil:
		return nil, fmt.Errorf("it is no JSON that S3, SNS or SQS sends: %w", err)
	case depth == 0:
		return nil, errors.New("it has more envelopes than SQS and SNS make")
	case n.Event == "s3:TestEvent":
		return nil, nil
	}
	inside := n.Messages
	for _, text := range []string{n.Message, n.Body} {
		if text != "" {
			inside = append(inside, json.RawMessage(text))
		}
	}
	if len(n.Records) == 0 && len(inside) == 0 {
		return nil, errors.New("it has no Records, Message, Body or Messages")
	}
	for _, message := range inside {
		more, err := unwrap(message, bucket, depth-1)
		if err != nil {
			return nil, err
		}
		objects = append(objects, more...)
	}
	for _, r := range n.Records {
		if !strings.Contains(r.Name, "ObjectCreated:") || r.S3.Bucket.Name != bucket {
			continue
		}
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil {
			return nil, fmt.Errorf("its key %q: %w", r.S3.Object.Key, err)
		}
		objects = append(objects, minio.ObjectInfo{Key: key, Size: r.S3.Object.Size, ETag: r.S3.Object.ETag, LastModified: r.Time})
	}
	return objects, nil
}
