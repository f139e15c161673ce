#!/usr/bin/env bash
# GitHub's own answers, recorded by octokit, are read correctly by the console's client (tests/recorded.rs).
# Usage: tests/recorded.sh. Needs npm, which fetches the recordings into a folder of its own.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
(cd "$folder" && npm pack --silent @octokit/fixtures@23 >/dev/null && tar -xzf octokit-fixtures-*.tgz)
export NEXY_RECORDED=$folder/package/scenarios/api.github.com
cargo test --locked --test recorded -- --ignored --nocapture
