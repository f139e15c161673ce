#!/usr/bin/env bash
# Prints the rows of "Publishing" in benches/README.md, and the machine they were measured on. Needs gh and openssl;
# about 6 GB of room in $TMPDIR. Usage: benches/compare.sh [fingerprints|gh|throttled|memory]…
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
printf '%s × %s, Linux %s, %s, %s, %s, load %s\n\n' "$(nproc)" \
    "$(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1)" "$(uname -r)" "$(rustc --version)" \
    "$(openssl version | cut -d' ' -f1,2)" "$(gh --version | head -1 | cut -d' ' -f1-3)" "$(cut -d' ' -f1 /proc/loadavg)"
cargo bench --quiet --locked --bench compare -- "$@"
