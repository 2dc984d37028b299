package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// processes are the programs of one lab, in the order in which they were started.
type processes struct {
	programs, logs string
	running        []*process
}

type process struct {
	name    string
	command *exec.Cmd
	ended   chan struct{}
}

// start runs a program in a process group of its own, so that an interrupt of the lab does not reach it before the lab
// has ended those that depend on it. Its output goes to a log of its name.
func (processes *processes) start(name string, environment, arguments []string) error {
	log, err := os.Create(filepath.Join(processes.logs, name+".log"))
	if err != nil {
		return err
	}
	defer log.Close()
	command := exec.Command(filepath.Join(processes.programs, name), arguments...)
	command.Stdout, command.Stderr = log, log
	command.Env = append(os.Environ(), environment...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return err
	}
	started := &process{name, command, make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(started.ended)
	}()
	processes.running = append(processes.running, started)
	return nil
}

// stop ends the last started first: what is left without its API server would only log errors. kube-apiserver takes
// long to end gracefully and keeps nothing that we want, so patience is short.
func (processes *processes) stop() {
	for index := len(processes.running) - 1; index >= 0; index-- {
		process := processes.running[index]
		_ = process.command.Process.Signal(syscall.SIGTERM)
		select {
		case <-process.ended:
		case <-time.After(time.Second):
			_ = process.command.Process.Kill()
			<-process.ended
		}
	}
}

// died names a program that ended although nobody ended it.
func (processes *processes) died() error {
	for _, process := range processes.running {
		select {
		case <-process.ended:
			return fmt.Errorf("%s ended: %s; see its log in %s", process.name, process.command.ProcessState, processes.logs)
		default:
		}
	}
	return nil
}

// await asks until the answer is yes, a program dies, or time is up; then it returns the last reason why not.
func (processes *processes) await(ctx context.Context, limit time.Duration, ask func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := ask()
		if err == nil {
			return nil
		}
		if died := processes.died(); died != nil {
			return died
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not after %s: %w", limit, err)
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// freePorts asks the kernel for ports that nobody uses at this moment.
func freePorts(count int) ([]int, error) {
	ports := make([]int, count)
	for index := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[index] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
