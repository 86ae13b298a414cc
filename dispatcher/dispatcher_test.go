package dispatcher

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go/jetstream"
)

// run runs a dispatcher until stop is called.
func run(t *testing.T, cfg Config, client *stream.Client, f fleet.Fleet) (d *Dispatcher, stop func()) {
	t.Helper()
	d, err := New(cfg, []grid.Domain{dfw}, client, f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	return d, func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// await polls until something holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	give := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("not after 30 s: %s", what)
		}
	}
}

// dispatch runs a dispatcher until it has heard all there is and holds nothing back.
func dispatch(t *testing.T, client *stream.Client) *fleettest.Memory {
	t.Helper()
	var f fleettest.Memory
	d, stop := run(t, DefaultConfig(), client, &f)
	await(t, "everything has been heard", func() bool { return heardAll(t, client) && !d.Waiting() })
	stop()
	return &f
}

func heardAll(t *testing.T, client *stream.Client) bool {
	t.Helper()
	for durable, streamName := range map[string]string{
		scansDurable: stream.Scans, "dispatcher-grids": stream.Grids, "dispatcher-work": stream.Events, "dispatcher-source": stream.Events,
	} {
		if heard, err := client.Heard(t.Context(), streamName, durable); err != nil || !heard {
			return false // or not there yet
		}
	}
	return true
}

func publish(t *testing.T, client *stream.Client, messages ...event.Message) {
	t.Helper()
	for _, m := range messages {
		if _, err := client.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

func sourceDone(t *testing.T, client *stream.Client) {
	t.Helper()
	now := time.Now().UTC()
	publish(t, client, &event.Decision{V: event.Version, ID: now.String(), Kind: event.SourceDone, Subj: "test", Time: now})
}

// storm gives what Addison and Cleburne announced in so many minutes of 2017-03-29, from 07:10.
func storm(minutes int) (scans []event.Message) {
	for i := range minutes {
		if i%2 == 0 {
			scans = append(scans, scanAt("cleburne", at("10:02").Add(time.Duration(i)*time.Minute)))
		}
		scans = append(scans, scanAt("addison", at("10:08").Add(time.Duration(i)*58700*time.Millisecond)))
	}
	slices.SortFunc(scans, func(a, b event.Message) int { return a.(*event.Scan).Time.Compare(b.(*event.Scan).Time) })
	return scans
}

// waiting gives the orders of a chain that wait on the stream.
func waiting(t *testing.T, client *stream.Client, chain string) (list []event.Order) {
	t.Helper()
	work, err := client.JS.Stream(t.Context(), stream.Work)
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= work.CachedInfo().State.LastSeq; seq++ {
		m, err := work.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		o, err := event.Decode[event.Order](m.Data)
		if err != nil {
			t.Fatal(err)
		}
		if o.Chain == chain {
			list = append(list, *o)
		}
	}
	return list
}

// onceEachMinute holds that the orders are of so many successive minutes from 07:10.
func onceEachMinute(t *testing.T, orders []event.Order, minutes int) {
	t.Helper()
	var got []string
	for _, o := range orders {
		got = append(got, o.ValidTime.Format("15:04"))
	}
	var want []string
	for i := range minutes {
		want = append(want, at("10:00").Add(time.Duration(i)*time.Minute).Format("15:04"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("orders of the minutes %v, want %v", got, want)
	}
}

func TestOneOrderInEachMinute(t *testing.T) {
	client := streamtest.Connect(t)
	publish(t, client, storm(12)...)
	sourceDone(t, client)
	dispatch(t, client)
	orders := waiting(t, client, "mosaic")
	onceEachMinute(t, orders, 11) // twelve scans of Addison, 58.7 s apart
	both := 0
	for _, o := range orders {
		now := slices.DeleteFunc(slices.Clone(o.Inputs), func(in event.Input) bool { return in.Kind != event.ScanInput })
		if len(now) == 2 {
			both++
		}
	}
	if both < 10 {
		t.Errorf("%d of %d orders with both radars, want all but the first", both, len(orders))
	}
}

func TestRestartsOrderNothingTwice(t *testing.T) {
	client := streamtest.Connect(t)
	for minutes := 3; minutes <= 12; minutes += 3 {
		publish(t, client, storm(minutes)...) // what was there before is known to the stream
		sourceDone(t, client)
		dispatch(t, client)
	}
	onceEachMinute(t, waiting(t, client, "mosaic"), 11)
}

// TestACrashBetweenStoringAndPublishing goes through each point at which the program can be killed: before the state is
// stored, after it, after some of what follows was published, and after all of it.
func TestACrashBetweenStoringAndPublishing(t *testing.T) {
	client := streamtest.Connect(t)
	scans := storm(8)
	fresh := func() *Dispatcher {
		d, err := New(DefaultConfig(), []grid.Domain{dfw}, client, &fleettest.Memory{}, slog.New(slog.DiscardHandler))
		if err == nil {
			err = d.restore(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for i, message := range scans {
		m := message.(*event.Scan)
		d := fresh()
		d.hearScan(m, m.Time) // killed before it was stored
		d = fresh()
		d.hearScan(m, m.Time)
		letters := d.state.Outbox
		if err := d.save(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, l := range letters[:len(letters)*(i%3)/2] { // none, half of them or all
			if _, err := client.JS.Publish(t.Context(), l.Subject, l.Body, jetstream.WithMsgID(l.ID)); err != nil {
				t.Fatal(err)
			}
		}
		d = fresh() // and the scan comes again
		if err := d.decide(t.Context(), func() { d.hearScan(m, m.Time) }); err != nil {
			t.Fatal(err)
		}
	}
	d := fresh()
	if err := d.decide(t.Context(), func() { d.orderHeld(time.Time{}, true) }); err != nil {
		t.Fatal(err)
	}
	onceEachMinute(t, waiting(t, client, "mosaic"), 7)
	events, err := client.JS.Stream(t.Context(), stream.Events)
	if err != nil {
		t.Fatal(err)
	}
	// A regime of the domain and of each radar, a trigger, two radars that are heard, and seven orders.
	if n := events.CachedInfo().State.Msgs; n != 13 {
		t.Errorf("%d decisions, want 13", n)
	}
}

func TestAFullQueueLosesNoOrder(t *testing.T) {
	client := streamtest.Connect(t)
	work, err := client.JS.Stream(t.Context(), stream.Work)
	if err != nil {
		t.Fatal(err)
	}
	small := work.CachedInfo().Config
	small.MaxMsgs = 2
	if _, err := client.JS.UpdateStream(t.Context(), small); err != nil {
		t.Fatal(err)
	}
	publish(t, client, storm(6)...)
	sourceDone(t, client)
	d, stop := run(t, DefaultConfig(), client, &fleettest.Memory{})
	defer stop()
	var orders []event.Order
	take := func(_ context.Context, m stream.Message) error {
		o, err := event.Decode[event.Order](m.Data)
		if err == nil {
			orders = append(orders, *o)
		}
		return err
	}
	await(t, "the queue is full and more is waiting", func() bool {
		info, err := work.Info(t.Context())
		return err == nil && info.State.Msgs == 2 && d.Waiting()
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- client.Consume(ctx, slog.New(slog.DiscardHandler), stream.Consumer{Stream: stream.Work, Durable: stream.WorkConsumer("mosaic"), Stage: "work"}, take)
	}()
	await(t, "all has been heard", func() bool {
		info, err := work.Info(t.Context())
		return err == nil && info.State.Msgs == 0 && heardAll(t, client) && !d.Waiting()
	})
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	onceEachMinute(t, orders, 6)
}

func TestClearAirOrdersNothing(t *testing.T) {
	client := streamtest.Connect(t)
	for i := range 5 {
		m := scanAt("addison", at("10:08").Add(time.Duration(i)*time.Minute))
		m.Summary = event.Summary{Gates: 691200, MaxDBZ: 38, Above: []event.Above{{DBZ: 20, Gates: 200, KM2: 3}, {DBZ: 40}}}
		publish(t, client, m)
	}
	sourceDone(t, client)
	f := dispatch(t, client)
	fleettest.Await(t, f, map[string]int{})
	if n := len(waiting(t, client, "mosaic")); n != 0 {
		t.Errorf("%d orders on a clear day, want none", n)
	}
}

// TestFromZeroToManyAndBack runs the whole road with workers that take a moment and say that they took long.
// serve is a worker of a chain: its mosaics and nowcasts are nothing but their announcements.
// checkDecisions holds that each chain was ordered as often as the one before it, and that all said why it had workers.
// stuck is a fleet that never answers.
