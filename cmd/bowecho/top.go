package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"bowecho/internal/portal/board"
	"bowecho/internal/top"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func topCommand() *cobra.Command {
	var look onlooker
	var once bool
	cmd := &cobra.Command{
		Use: "top", Short: "Show in the terminal how everything stands, live",
		Long: "Show weather, triggers, radars, cost, workers and the last decisions, anew each second, until q or ctrl-C.\n" +
			"Where the output is no terminal it is printed once.",
		Example: "  bowecho top\n  bowecho top --once --portal http://radar.example.org:8080",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return look.open(cmd.Context(), func(ctx context.Context, v *view) error {
				state, err := get[board.State](ctx, v, "/v1/state", nil)
				if err != nil {
					return err
				}
				_, terminal := size()
				switch {
				case look.asJSON:
					return writeJSON("-", state)
				case once || !terminal:
					screen, _ := size()
					screen.Height, screen.Colour = 0, terminal
					_, err := fmt.Println(strings.Join(screen.Draw(state, time.Now()), "\n"))
					return err
				}
				return watchTop(ctx, v, state)
			})
		},
	}
	look.register(cmd)
	cmd.Flags().BoolVar(&once, "once", false, "print it once")
	return cmd
}

// size gives the terminal's, and whether the output is one.
func size() (top.Screen, bool) {
	window, err := unix.IoctlGetWinsize(int(os.Stdout.Fd()), unix.TIOCGWINSZ)
	if err != nil || window.Col < 20 || window.Row < 4 {
		return top.Screen{Width: 120, Height: 40, Colour: true}, err == nil
	}
	return top.Screen{Width: int(window.Col), Height: int(window.Row) - 1, Colour: true}, true
}

// What a terminal is told: another screen without a cursor, and back; to the upper left; to clear the rest of a line, and
// what is below.
const (
	enter, leave         = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
	home, endLine, below = "\x1b[H", "\x1b[K", "\x1b[J"
)

// watchTop draws each second until somebody presses q. A portal that does not answer is said, and asked again.
func watchTop(ctx context.Context, v *view, state board.State) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer keys(stop)()
	fmt.Print(enter)
	defer fmt.Print(leave)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for trouble := ""; ; {
		screen, _ := size()
		lines := screen.Draw(state, time.Now())
		if trouble != "" {
			lines = append([]string{trouble}, lines[:min(len(lines), screen.Height-1)]...)
		}
		fmt.Print(home + strings.Join(lines, endLine+"\r\n") + endLine + below)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		next, err := get[board.State](ctx, v, "/v1/state", nil)
		if err == nil {
			state, trouble = next, ""
		} else if trouble == "" {
			trouble = fmt.Sprintf("no answer since %s: %v", time.Now().UTC().Format("15:04:05Z"), err)
		}
	}
}

// keys reads the keyboard without waiting for whole lines, and calls stop at a q. What it gives back undoes that.
func keys(stop func()) (undo func()) {
	stdin := int(os.Stdin.Fd())
	before, err := unix.IoctlGetTermios(stdin, unix.TCGETS)
	if err != nil {
		return func() {} // no keyboard: ctrl-C ends it
	}
	raw := *before
	raw.Lflag &^= unix.ICANON | unix.ECHO
	if err := unix.IoctlSetTermios(stdin, unix.TCSETS, &raw); err != nil {
		return func() {}
	}
	go func() { // ends with the program: a read of the keyboard cannot be ended
		keyboard := bufio.NewReader(os.Stdin)
		for {
			key, err := keyboard.ReadByte()
			if err != nil {
				return
			}
			if key == 'q' || key == 'Q' {
				stop()
			}
		}
	}()
	return func() { _ = unix.IoctlSetTermios(stdin, unix.TCSETS, before) }
}
