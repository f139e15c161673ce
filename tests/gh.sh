#!/usr/bin/env bash
# The real gh CLI reads over the unix socket what the console has published over TCP: the practice host is honest
# enough for a client that others wrote. Usage: tests/gh.sh BINARY
set -euo pipefail

binary=$1
repo=Seregawpn/Nexy_production
tag=v1.6.1.44

if ! command -v gh >/dev/null; then
    if ! command -v apt-get >/dev/null; then
        echo "gh is not installed; install it: https://cli.github.com" >&2
        exit 1
    fi
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" apt-get install -q -y --no-install-recommends gh
fi
gh --version

folder=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf -- "$folder"
}
trap finish EXIT

"$binary" sandbox serve --dir "$folder/world" --unix "$folder/gh.sock" >"$folder/served" 2>"$folder/errors" &
server=$!
for _ in $(seq 600); do
    if [ -S "$folder/gh.sock" ] && grep -q '^  export NEXY_SANDBOX_TOKEN=' "$folder/served"; then break; fi
    if ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
done
# The lines that people are told, not a way of its own.
token=$(sed -n 's/^  export NEXY_SANDBOX_TOKEN=//p' "$folder/served")
if [ -z "$token" ]; then
    echo "the practice servers did not start:" >&2
    cat "$folder/served" "$folder/errors" >&2
    exit 1
fi
export NEXY_SANDBOX_TOKEN=$token GH_TOKEN=$token
export GH_CONFIG_DIR=$folder/gh GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1
unset GH_HOST GH_REPO GITHUB_TOKEN GH_DEBUG
gh config set http_unix_socket "$folder/gh.sock"

says() {
    local expected=$1 text
    shift
    text=$("$@")
    if ! grep -qF -- "$expected" <<<"$text"; then
        printf '%s\nlacks: %s\n%s\n' "$*" "$expected" "$text" >&2
        exit 1
    fi
}

"$binary" --workspace "$folder/world/workspace" publish --yes --quiet

says "author:	nexy-practice" gh release view "$tag" -R "$repo"
says "draft:	false" gh release view "$tag" -R "$repo"
says "Latest	$tag" gh release list -R "$repo"
gh release download "$tag" -R "$repo" --dir "$folder/downloads"
inbox=$folder/world/workspace/release_inbox
for name in Nexy.dmg Nexy.pkg LATEST_CHANGES.md; do
    cmp "$inbox/$name" "$folder/downloads/$name"
done
if [ "$(ls "$folder/downloads" | wc -l)" -ne 3 ]; then
    ls -l "$folder/downloads" >&2
    exit 1
fi

# gh writes as well: a draft, one more asset, a publication.
printf 'one\n' >"$folder/one.txt"
printf 'two\n' >"$folder/two.txt"
gh release create v9.0.0.0 "$folder/one.txt" -R "$repo" --draft --title Nine --notes "By gh"
says "Draft	v9.0.0.0" gh release list -R "$repo"
gh release upload v9.0.0.0 "$folder/two.txt" -R "$repo"
gh release edit v9.0.0.0 -R "$repo" --draft=false --latest=false
says "asset:	two.txt" gh release view v9.0.0.0 -R "$repo"

kill -TERM "$server"
wait "$server"
server=
if [ -e "$folder/gh.sock" ]; then
    echo "the socket was left behind" >&2
    exit 1
fi
echo "gh sees what the console published"
