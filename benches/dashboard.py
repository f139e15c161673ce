#!/usr/bin/env python3
"""Measures `status --watch` with a long past: `cargo build --release`, then `python3 benches/dashboard.py`.

10,000 entries in the journal and 1,000 releases on the host. Prints the rows of its table in benches/README.md. Linux only.
"""
import hashlib, json, pathlib, re, shutil, subprocess, tempfile, time, urllib.request

from console import BINARY, first_text, idle, plain, read, row, start, stop

ENTRIES, RELEASES = 10_000, 1_000
REPO = "Seregawpn/Nexy_production"


def journal(workspace):
    """As many runs as one release made before, chained as the journal is."""
    path = workspace / ".nexy-release/journal.jsonl"
    last = json.loads(path.read_text().splitlines()[-1])
    before, lines = None, []
    for _ in range(ENTRIES):
        line = json.dumps({**last, "previous": before}, ensure_ascii=False, separators=(",", ":"))
        before = hashlib.sha256(line.encode()).hexdigest()
        lines.append(line)
    path.write_text("\n".join(lines) + "\n")
    (workspace / ".nexy-release/journal.head").write_text(before + "\n")
    return path.stat().st_size / 2**20


def releases(api, token):
    for number in range(RELEASES):
        body = json.dumps({"tag_name": f"v1.5.0.{number}", "name": f"Nexy 1.5.0.{number}", "body": "Changes.\n" * 20})
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "bench"}
        asked = urllib.request.Request(f"{api}/repos/{REPO}/releases", body.encode(), headers)
        urllib.request.urlopen(asked).read()


def peak(command, env):
    """Peak of resident memory until every release was read, and the moment it took."""
    pid, terminal, began = start(command, env)
    read(terminal, 20, lambda seen: b"again in" in plain(seen))
    took = (time.perf_counter() - began) * 1000
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    most = int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024
    stop(pid, terminal)
    return most, took


def main():
    folder = pathlib.Path(tempfile.mkdtemp())
    world = folder / "world"
    subprocess.run([BINARY, "sandbox", "--headless", "--dir", world], check=True, capture_output=True)
    serve = subprocess.Popen([BINARY, "sandbox", "serve", "--dir", world], stdout=subprocess.PIPE, text=True)
    lines = []
    for line in serve.stdout:
        lines.append(line)
        if "publish --yes" in line:
            break
    text = "".join(lines)
    name, token = re.search(r"export (\w+)=(\S+)", text).groups()
    releases(re.search(r"  api +(\S+)", text)[1], token)
    size = journal(world / "workspace")
    command = [BINARY, "--workspace", world / "workspace", "status", "--watch"]
    env = {name: token}
    print(f"journal of {ENTRIES} entries: {size:.1f} MiB; {RELEASES} releases more on the host", flush=True)
    row("first text after start, median of 15", f"{first_text(command, env):.1f} ms")
    most, took = peak(command, env)
    row("everything shown, every release read", f"{took:.0f} ms")
    row("peak resident memory", f"{most:.1f} MiB")
    wakes, cpu, memory = idle(command, env, 6)
    row("wakeups between two looks", f"{wakes:.1f}/s")
    row("CPU between two looks", f"{cpu:.1f} %")
    row("resident between two looks", f"{memory:.1f} MiB")
    serve.terminate()
    serve.wait()
    shutil.rmtree(folder)


main()
