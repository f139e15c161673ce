#!/usr/bin/env python3
"""Measures the console on a terminal of 200x60: `cargo build --release`, then `python3 benches/console.py`.

Prints the rows of the table in benches/README.md. Reads /proc, so Linux only. Another program to measure beside it:
`python3 benches/console.py -- btm`.
"""
import fcntl, os, pathlib, pty, re, select, shutil, signal, statistics, struct, subprocess, sys, tempfile, termios, time

BINARY = pathlib.Path(__file__).resolve().parent.parent / "target/release/nexy-release"
SIZE = struct.pack("HHHH", 60, 200, 0, 0)
TEXT = re.compile(rb"[A-Za-z]{4}")
# What every terminal is asked by some programs, which wait for the answer: what it is, and where the cursor stands.
QUESTIONS = {b"\x1b[c": b"\x1b[?62c", b"\x1b[6n": b"\x1b[1;1R"}


def start(command, env=None):
    """Starts it on a terminal of its own; answers process, terminal and the moment."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, SIZE)
        os.execvpe(str(command[0]), [str(part) for part in command], {**os.environ, "TERM": "xterm-256color", **(env or {})})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, SIZE)
    return pid, terminal, began


def read(terminal, seconds, until=None):
    seen, end = b"", time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0 and not (until and until(seen)):
        if select.select([terminal], [], [], left)[0]:
            try:
                sent = os.read(terminal, 1 << 16)
            except OSError:
                break
            seen += sent
            for question, answer in QUESTIONS.items():
                if question in sent:
                    os.write(terminal, answer)
    return seen


def plain(seen):
    return re.sub(rb"\x1b(\[[0-9;?]*[a-zA-Z]|\][^\x07\x1b]*(\x07|\x1b\\))", b"", seen)


def threads(pid):
    return [pathlib.Path(f"/proc/{pid}/task/{task}") for task in os.listdir(f"/proc/{pid}/task")]


def wakeups(pid):
    """By thread: one that ends takes its count with it."""
    found = {}
    for thread in threads(pid):
        status = (thread / "status").read_text()
        found[thread.name] = int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.M)[1])
    return found


def ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    return int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def stop(pid, terminal):
    os.kill(pid, signal.SIGTERM)
    read(terminal, 3)
    os.close(terminal)
    os.waitpid(pid, 0)


def first_text(command, env=None):
    times = []
    for _ in range(15):
        pid, terminal, began = start(command, env)
        read(terminal, 5, lambda seen: TEXT.search(plain(seen)))
        times.append((time.perf_counter() - began) * 1000)
        read(terminal, 0.5)
        stop(pid, terminal)
    return statistics.median(times)


def idle(command, env, settle):
    pid, terminal, _ = start(command, env)
    read(terminal, settle)
    before, busy = wakeups(pid), ticks(pid)
    read(terminal, 10)
    woken = sum(count - before.get(thread, 0) for thread, count in wakeups(pid).items())
    found = woken / 10, (ticks(pid) - busy) * 10, resident(pid)
    stop(pid, terminal)
    return found


def uploading():
    """A practice release: 20 MB/s, a progress event every 100 ms, gauges, rates, a spinner, the host in the same process."""
    pid, terminal, _ = start([BINARY, "sandbox"])
    # The plan is there: all checks have ended.
    read(terminal, 30, lambda seen: re.search(rb"plan\s*[0-9a-f]{12}", plain(seen)))
    read(terminal, 0.5)
    os.write(terminal, b"\r")
    read(terminal, 0.8)
    for char in "v1.6.1.44":
        os.write(terminal, char.encode())
        read(terminal, 0.05)
    os.write(terminal, b"\r")
    read(terminal, 0.5)
    busy = ticks(pid)
    read(terminal, 2)
    share = (ticks(pid) - busy) / 2 * 100
    stop(pid, terminal)
    return share


def row(what, value):
    print(f"| {what} | {value} |", flush=True)


def main():
    if "--" in sys.argv:
        command, env, settle = sys.argv[sys.argv.index("--") + 1 :], None, 3
    else:
        folder = tempfile.mkdtemp()
        serve = subprocess.Popen([BINARY, "sandbox", "serve", "--dir", f"{folder}/world"], stdout=subprocess.PIPE, text=True)
        lines = []
        for line in serve.stdout:
            lines.append(line)
            if "publish --yes" in line:
                break
        name, value = re.search(r"export (\w+)=(\S+)", "".join(lines)).groups()
        command, env, settle = [BINARY, "--workspace", f"{folder}/world/workspace"], {name: value}, 13
    row("first text after start", f"{first_text(command, env):.1f} ms")
    wakes, cpu, memory = idle(command, env, settle)
    row("idle wakeups", f"{wakes:.1f}/s")
    row("idle CPU", f"{cpu:.1f} %")
    row("resident, no transfer", f"{memory:.1f} MiB")
    if "--" not in sys.argv:
        serve.terminate()
        serve.wait()
        shutil.rmtree(folder)
        row("a practice release under way, host and transfer in the same process", f"{uploading():.1f} % of a core")


main()
