#!/usr/bin/env python3
"""Draws docs/practice.svg from a real run of the release binary. Needs PyPI's `rich`."""
import pathlib, re, subprocess, tempfile

from rich.console import Console
from rich.text import Text

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS = 112

subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
with tempfile.TemporaryDirectory() as folder:
    command = [ROOT / "target/release/nexy-release", "sandbox", "--headless", "--color", "always", "--dir", f"{folder}/practice"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout.replace(folder, "/tmp")

console = Console(record=True, width=COLUMNS, file=open("/dev/null", "w"), force_terminal=True, color_system="truecolor")
for line in ["$ nexy-release sandbox --headless", *text.splitlines()]:
    # What a person cannot use from a picture: digests and practice URLs in full.
    line = re.sub(r"([0-9a-f]{12})[0-9a-f]{52}", r"\1…", line)
    console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis", crop=True)
svg = console.export_svg(title="nexy-release")
# No font is fetched from anywhere: the reader's own monospace does.
svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.S).replace("Fira Code", "ui-monospace")
svg = "\n".join(line.rstrip() for line in svg.splitlines())
(ROOT / "docs/practice.svg").write_text(svg + "\n")
