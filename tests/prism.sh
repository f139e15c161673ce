#!/usr/bin/env bash
# GitHub's own OpenAPI between the console and the practice host: every request of the one and every answer of the
# other is valid, for a publication, its rerun, a resumed one, an extended one and a conflict.
# Usage: tests/prism.sh BINARY. Needs node 18 and npm; what it installs goes into a folder of its own, and away again.
set -euo pipefail

binary=$(realpath "$1")
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")

if ! command -v npm >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "npm is not installed; install Node.js: https://nodejs.org" >&2
        exit 1
    fi
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" apt-get install -q -y --no-install-recommends npm
fi

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @stoplight/prism-cli@5 @octokit/openapi@23
# No token of whoever runs this, and no settings of theirs.
unset GH_TOKEN GITHUB_TOKEN "${!NEXY_RELEASE__@}"
node "$here/prism.mjs" "$binary" "$folder"
