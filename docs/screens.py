#!/usr/bin/env python3
"""Draws docs/{home,confirm,end,dashboard}.svg from a real practice release. Needs tmux, and PyPI's `rich`.

`docs/screens.py dashboard` draws that one alone.
"""
import pathlib, re, subprocess, sys, tempfile, time

from rich.console import Console
from rich.text import Text

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS, ROWS = 112, 36


def tmux(*words):
    return subprocess.run(["tmux", "-L", "nexy-docs", "-f", "/dev/null", *words], check=True, capture_output=True, text=True).stdout


def see(text):
    """The screen as soon as `text` is on it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if text in tmux("capture-pane", "-p"):
            time.sleep(0.2)
            return tmux("capture-pane", "-e", "-p")
        time.sleep(0.05)
    raise SystemExit(f"never came: {text}\n{tmux('capture-pane', '-p')}")


def draw(name, screen):
    console = Console(record=True, width=COLUMNS, file=open("/dev/null", "w"), force_terminal=True, color_system="truecolor")
    # The port is another one each time.
    screen = re.sub(r"127\.0\.0\.1:\d{5}", "127.0.0.1:40000", screen)
    # Links are for terminals.
    screen = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\", "", screen)
    for line in screen.splitlines():
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis", crop=True)
    svg = console.export_svg(title="nexy-release status --watch" if name == "dashboard" else "nexy-release sandbox")
    # No font is fetched from anywhere: the reader's own monospace does.
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.S).replace("Fira Code", "ui-monospace")
    (ROOT / f"docs/{name}.svg").write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n")


def release():
    start = f"LANG=C.UTF-8 {ROOT}/target/release/nexy-release sandbox"
    tmux("-u", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), start)
    # The change of the manifest says more on a picture than the guide does.
    see("enter release")
    tmux("send-keys", "g")
    draw("home", see("artifact.url"))
    tmux("send-keys", "Enter")
    see("Nothing leaves it.")
    time.sleep(0.5)
    for char in "v1.6.1.44":
        tmux("send-keys", char)
        time.sleep(0.05)
    draw("confirm", see("> v1.6.1.44"))
    tmux("send-keys", "Enter")
    draw("end", see("RELEASE COMPLETE"))
    tmux("send-keys", "q")


def dashboard():
    """After a release that was delivered, when somebody forgot a variable on the VM."""
    binary = ROOT / "target/release/nexy-release"
    with tempfile.TemporaryDirectory() as folder:
        world = pathlib.Path(folder, "practice")
        subprocess.run([binary, "sandbox", "--headless", "--dir", world], check=True, capture_output=True)
        app = world / "vm/home/azureuser/voice-assistant"
        (app / "config.env").write_text("SERVER_VERSION=1.6.1.43\nSERVER_BUILD=1.6.1.43\n")
        # What a person sees of a real VM.
        settings = world / "workspace/release.toml"
        settings.write_text(settings.read_text().replace(str(app), "/home/azureuser/voice-assistant"))
        serve = subprocess.Popen([binary, "sandbox", "serve", "--dir", world], stdout=subprocess.PIPE, text=True)
        try:
            lines = []
            for line in serve.stdout:
                lines.append(line)
                if "publish --yes" in line:
                    break
            token = re.search(r"export (\w+=\S+)", "".join(lines))[1]
            start = f"LANG=C.UTF-8 {token} {binary} --workspace {world}/workspace status --watch --simulate 1.6.1.43"
            tmux("-u", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), start)
            draw("dashboard", see("looks again in"))
            tmux("send-keys", "q")
        finally:
            serve.terminate()
            serve.wait()


subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
for picture in [dashboard] if sys.argv[1:] == ["dashboard"] else [release, dashboard]:
    try:
        picture()
    finally:
        subprocess.run(["tmux", "-L", "nexy-docs", "kill-server"], check=False, capture_output=True)
