#!/usr/bin/env bash
# Runs every test that bears a row of the trust catalogue, and the witnesses, and writes what was tried and what held to
# docs/TRUST.md. All points of every sweep, or so many as NEXY_SWEEP says; NEXY_SEED chooses them.
# Usage: tests/scoreboard.sh. All points take more than an hour on four cores, 100 of each a quarter of it.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export NEXY_SWEEP="${NEXY_SWEEP:-all}" NEXY_SEED="${NEXY_SEED:-1}" RUST_BACKTRACE=0 CARGO_TERM_COLOR=never
unset GH_TOKEN GITHUB_TOKEN "${!NEXY_RELEASE__@}"
logs=$(mktemp -d)
trap 'rm -rf -- "$logs"' EXIT

# One after the other, so that each line of a sweep stands behind the name of its test.
suite() {
    printf '%s …\n' "$1" >&2
    cargo test --locked --all-features --test "$1" -- row_ --test-threads=1 --nocapture \
        >"$logs/$1.suite" 2>"$logs/$1.errors" || tail -n 20 "$logs/$1.errors" >&2
}

# What others wrote, looked through: its last lines say what held.
witness() {
    local name=$1
    shift
    printf '%s …\n' "$name" >&2
    if "$@" >"$logs/$name.witness" 2>&1; then
        echo "held" >>"$logs/$name.witness"
    else
        tail -n 20 "$logs/$name.witness" >&2
    fi
}

for file in tests/*.rs tests/*/main.rs; do
    folder=$(dirname "$file") name=$(basename "$file" .rs)
    if [ "$folder" = tests ]; then looked=("$file") && [ -d "tests/$name" ] && looked+=("tests/$name"); else
        looked=("$folder") name=$(basename "$folder")
    fi
    if grep -rqE 'fn row_[0-9]|row_[0-9]+_' "${looked[@]}"; then suite "$name"; fi
done

cargo build --locked --release
witness gh tests/gh.sh target/release/nexy-release
witness prism tests/prism.sh target/release/nexy-release
witness recorded tests/recorded.sh

python3 tests/scoreboard.py "$logs" >docs/TRUST.md
