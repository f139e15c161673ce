"""Reads the logs of tests/scoreboard.sh and prints docs/TRUST.md: only what ran is written."""
import collections, datetime, os, pathlib, platform, re, subprocess, sys

ROWS = {
    1: "artifact modified between inspect and upload, and during the upload",
    2: "upload truncated but answered 201",
    3: "connection lost at any byte, answers lost",
    4: "early 422 while the body is being sent",
    5: "5xx on upload, `starter` asset left",
    6: "429, 403 with a rate limit",
    7: "401 and 403 at any request",
    8: "stall at any request",
    9: "endless and truncated bodies",
    10: "redirects, other hosts, plain http; who may see the token",
    11: "two consoles at once, foreign drafts",
    12: "tag published with other bytes of the same size",
    13: "SIGKILL at any step, any request and any write",
    14: "disk full, read-only folder, EIO",
    15: "inbox: links, FIFOs, folders, empty, huge, growing, unreadable",
    16: "not a DMG, not a PKG",
    17: "VERSION in every wrong form",
    18: "downgrade, the same version again, an unusual jump",
    19: "manifest: broken, duplicate keys, wrong types, big integers",
    20: "settings: unknown keys, wrong types, plain http, other hosts",
    21: "escape sequences, bidi and control characters from outside",
    22: "secrets",
    23: "shell metacharacters in settings that reach the VM",
    24: "the Azure CLI's failures",
    25: "git: lookalikes, insteadOf, hooks, staged files",
    26: "terminal: signals, panics, resize storms, no terminal",
    27: "paste into the confirmation, Enter held down",
    28: "clock wrong by a day",
    29: "children after cancel",
    30: "journal: torn last line, edited line",
}
TEST = re.compile(r"^test (\S+) \.\.\. ?(.*)$")
SWEEP = re.compile(r"sweep: (\d+) of (\d+) points held(?: \((.*)\))?")
ENDS = re.compile(r"(?:^|\s)(ok|FAILED)$")
# Not asked for, or what it needs is not on this machine: it says so, and tried nothing.
SKIPPED = re.compile(r"^(ignored|skipped:)")
WITNESSES = {
    "gh": "the real `gh`: it reads what the console published, and the console judges what it left",
    "prism": "GitHub's OpenAPI through Prism: requests of the console and answers of the practice host",
    "recorded": "GitHub's answers as octokit recorded them, read by the console's client",
}


def read(log):
    """Each test of a log: name, held, and its sweeps as (held, tried, what)."""
    tests, current = [], None
    for line in log.read_text(errors="replace").splitlines():
        found = TEST.match(line)
        if found:
            current = {"name": found[1], "held": None, "sweeps": []}
            tests.append(current)
            line = found[2]
        if current is None:
            continue
        if SKIPPED.match(line):
            tests.remove(current)
            print(f"not tried: {current['name']}: {line}", file=sys.stderr)
            current = None
            continue
        sweep = SWEEP.search(line)
        if sweep:
            current["sweeps"].append((int(sweep[1]), int(sweep[2]), sweep[3] or current["name"]))
        ends = ENDS.search(line)
        if ends and not line.startswith("test result"):
            current["held"] = ends[1] == "ok"
    return tests


def git(*args):
    return subprocess.run(["git", *args], capture_output=True, text=True).stdout.strip()


def main(folder):
    suites = {log.stem: read(log) for log in sorted(folder.glob("*.suite"))}
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/TRUST.md")
    commit = git("rev-parse", "--short=12", "HEAD") + (" with changes that are not committed" if changed else "")
    most = os.environ["NEXY_SWEEP"]
    points = "all points" if most == "all" else f"{most} points at most"
    print("# What was tried\n")
    print(f"Written by `tests/scoreboard.sh` on {datetime.date.today()}: commit {commit}, {points} of every sweep,")
    print(f"seed {os.environ['NEXY_SEED']}, {os.cpu_count()} cores, {platform.system()} {platform.release()}. Only what ran stands here.\n")
    print("A point is one run of the binary, or of its parts, under one fault; a test without a sweep is one point.\n")
    print("| row | fault | tests | points tried | held |\n|---|---|---|---|---|")
    rows = collections.defaultdict(lambda: [0, 0, 0])
    for tests in suites.values():
        for test in tests:
            sweeps = test["sweeps"] or [(int(bool(test["held"])), 1, "")]
            for number in {int(row) for row in re.findall(r"row_(\d\d)", test["name"])}:
                row = rows[number]
                row[0] += 1
                row[1] += sum(tried for _, tried, _ in sweeps)
                # A test may fail after its sweep held: then one point more was tried, and did not hold.
                beyond = test["held"] is not True and all(held == tried for held, tried, _ in test["sweeps"]) and test["sweeps"]
                row[1] += int(bool(beyond))
                row[2] += sum(held for held, _, _ in sweeps)
    for number in sorted(rows):
        tests, tried, held = rows[number]
        mark = f"{held:,}" if held == tried else f"**{held:,}**"
        print(f"| {number} | {ROWS.get(number, '')} | {tests} | {tried:,} | {mark} |")
    print("\n## Sweeps\n\n| suite | what | tried | held |\n|---|---|---|---|")
    for suite, tests in suites.items():
        for test in tests:
            for held, tried, what in test["sweeps"]:
                what = re.sub(r"; \d+ in all, seed \d+$", lambda part: "" if points.startswith("all") else part[0], what)
                print(f"| `{suite}` | {what} | {tried:,} | {held if held == tried else f'**{held}**'} |")
    print("\n## Witnesses\n\nPrograms and records that others wrote.\n\n| witness | points | held |\n|---|---|---|")
    for log in sorted(folder.glob("*.witness")):
        lines = log.read_text(errors="replace").splitlines()
        sweep = next((SWEEP.search(line) for line in reversed(lines) if SWEEP.search(line)), None)
        passed = next((re.search(r"(\d+) passed", line) for line in reversed(lines) if "test result" in line), None)
        held = lines[-1:] == ["held"]
        count = f"{sweep[2]}" if sweep else passed[1] if passed else "–"
        print(f"| {WITNESSES.get(log.stem, log.stem)} | {count} | {'yes' if held else '**no**'} |")
    silent = [name for name, tests in suites.items() if not tests]
    if silent:
        print(f"ran nothing: {', '.join(silent)}", file=sys.stderr)
    return not silent and all(test["held"] for tests in suites.values() for test in tests)


sys.exit(0 if main(pathlib.Path(sys.argv[1])) else 1)
