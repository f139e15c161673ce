#!/usr/bin/env bash
# The real gh CLI reads over the unix socket what the console has published over TCP, and the console judges what gh
# has published, drafted and left half-done: two clients of one host, one of which others wrote. Usage: tests/gh.sh BINARY
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

export GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1
unset GH_HOST GH_REPO GITHUB_TOKEN GH_DEBUG
held=0

# A practice host of its own for each situation. Further arguments go to `sandbox serve`.
serve() {
    world=$folder/$1 inbox=$folder/$1/workspace/release_inbox
    shift
    "$binary" sandbox serve --dir "$world" --unix "$world.sock" "$@" >"$world.served" 2>"$world.errors" &
    server=$!
    for _ in $(seq 600); do
        if [ -S "$world.sock" ] && grep -q '^  export NEXY_SANDBOX_TOKEN=' "$world.served"; then break; fi
        if ! kill -0 "$server" 2>/dev/null; then break; fi
        sleep 0.1
    done
    # The lines that people are told, not a way of its own.
    local token
    token=$(sed -n 's/^  export NEXY_SANDBOX_TOKEN=//p' "$world.served")
    if [ -z "$token" ]; then
        echo "the practice servers did not start:" >&2
        cat "$world.served" "$world.errors" >&2
        exit 1
    fi
    export NEXY_SANDBOX_TOKEN=$token GH_TOKEN=$token GH_CONFIG_DIR=$world.gh
    gh config set http_unix_socket "$world.sock"
}

stop() {
    kill -TERM "$server"
    wait "$server"
    server=
    if [ -e "$world.sock" ]; then
        echo "the socket was left behind" >&2
        exit 1
    fi
    held=$((held + 1))
}

says() {
    local expected=$1 text
    shift
    text=$("$@")
    if ! grep -qF -- "$expected" <<<"$text"; then
        printf '%s\nlacks: %s\n%s\n' "$*" "$expected" "$text" >&2
        exit 1
    fi
}

# Our console on this world: how it ends, and one line of what it says.
publish() {
    local expected=$1 line=$2 status=0 text
    shift 2
    text=$("$binary" --workspace "$world/workspace" publish --yes "$@" 2>&1) || status=$?
    if [ "$status" -ne "$expected" ] || ! grep -qF -- "$line" <<<"$text"; then
        printf '%s\nexit code %s, expected %s and: %s\n' "$text" "$status" "$expected" "$line" >&2
        exit 1
    fi
}

downloads_are_the_inbox() {
    local name
    gh release download "$tag" -R "$repo" --dir "$world.downloads" --clobber
    for name in Nexy.dmg Nexy.pkg LATEST_CHANGES.md; do
        cmp "$inbox/$name" "$world.downloads/$name"
    done
    if [ "$(ls "$world.downloads" | wc -l)" -ne 3 ]; then
        ls -l "$world.downloads" >&2
        exit 1
    fi
}

manifest_offers() {
    grep -qF "\"version\": \"$1\"" "$world/workspace/server/updates/manifests/manifest.json"
}

# What gh leaves when it is killed while it sends: fault number one stalls its upload in the middle.
interrupt_upload() {
    local gh_pid
    gh release upload "$tag" "$inbox/$1" -R "$repo" >/dev/null 2>&1 &
    gh_pid=$!
    for _ in $(seq 600); do
        if releases | grep -qF '"state": "starter"'; then break; fi
        sleep 0.1
    done
    kill -KILL "$gh_pid"
    wait "$gh_pid" 2>/dev/null || true
    says '"state": "starter"' releases
}

releases() {
    gh api "repos/$repo/releases" | sed 's/":"/": "/g'
}

serve first
publish 0 "RELEASE COMPLETE"

says "author:	nexy-practice" gh release view "$tag" -R "$repo"
says "draft:	false" gh release view "$tag" -R "$repo"
says "Latest	$tag" gh release list -R "$repo"
downloads_are_the_inbox

# gh writes as well: a draft, one more asset, a publication.
printf 'one\n' >"$folder/one.txt"
printf 'two\n' >"$folder/two.txt"
gh release create v9.0.0.0 "$folder/one.txt" -R "$repo" --draft --title Nine --notes "By gh"
says "Draft	v9.0.0.0" gh release list -R "$repo"
gh release upload v9.0.0.0 "$folder/two.txt" -R "$repo"
gh release edit v9.0.0.0 -R "$repo" --draft=false --latest=false
says "asset:	two.txt" gh release view v9.0.0.0 -R "$repo"

stop

# The same bytes, published by gh: there is nothing to send, and the manifest follows.
serve same
gh release create "$tag" "$inbox"/Nexy.dmg "$inbox"/Nexy.pkg "$inbox"/LATEST_CHANGES.md -R "$repo" --notes "By gh"
before=$(gh release view "$tag" -R "$repo" --json id,assets,isDraft,body)
publish 0 "already published, skip (tag=$tag)"
manifest_offers 1.6.1.44
publish 0 "already published, skip (tag=$tag)"
if [ "$(gh release view "$tag" -R "$repo" --json id,assets,isDraft,body | sed 's/"downloadCount":[0-9]*//g')" != \
    "$(sed 's/"downloadCount":[0-9]*//g' <<<"$before")" ]; then
    echo "what gh had published was changed" >&2
    exit 1
fi
downloads_are_the_inbox
stop

# Other bytes, published by gh: a conflict, and nothing moves.
serve other
cp "$inbox/Nexy.dmg" "$folder/Nexy.dmg"
printf 'X' | dd of="$folder/Nexy.dmg" bs=1 seek=1000 conv=notrunc status=none
gh release create "$tag" "$folder/Nexy.dmg" "$inbox"/Nexy.pkg "$inbox"/LATEST_CHANGES.md -R "$repo" --notes "By gh"
publish 5 "ERROR [NX-TAG-02]"
manifest_offers 1.6.1.43
gh release download "$tag" -R "$repo" --dir "$world.downloads" --pattern Nexy.dmg
cmp "$folder/Nexy.dmg" "$world.downloads/Nexy.dmg"
stop

# A draft of gh's: it blocks; waived, we publish beside it, and it stays.
serve draft
gh release create "$tag" "$inbox/Nexy.dmg" -R "$repo" --draft --title Theirs --notes "By gh"
publish 8 "ERROR [NX-TAG-01]"
manifest_offers 1.6.1.43
says "Draft	" gh release list -R "$repo"
publish 0 "RELEASE COMPLETE" --waive "tag-state=gh made it to be looked at"
says "Theirs	Draft" gh release list -R "$repo"
downloads_are_the_inbox
stop

# Published by gh without the PKG: it is added.
serve lacking
gh release create "$tag" "$inbox"/Nexy.dmg "$inbox"/LATEST_CHANGES.md -R "$repo" --notes "By gh"
publish 0 "RELEASE COMPLETE"
says "asset:	Nexy.pkg" gh release view "$tag" -R "$repo"
downloads_are_the_inbox
stop

stall='[{"method": "POST", "path": "name=Nexy.pkg", "times": 1, "action": {"stall": {"after": {"body": 100000}}}}]'
printf '%s\n' "$stall" >"$folder/stall.json"

# An upload of gh's that was interrupted, to a published release: nobody can tell that gh is not at it any more. It is
# refused, until a person says so; then what is half there goes, and the PKG is added.
serve interrupted --faults "$folder/stall.json"
gh release create "$tag" "$inbox"/Nexy.dmg "$inbox"/LATEST_CHANGES.md -R "$repo" --notes "By gh"
interrupt_upload Nexy.pkg
publish 8 "NX-TAG-06"
publish 0 "RELEASE COMPLETE" --waive "tag-state=gh was killed"
downloads_are_the_inbox
stop

# The same to a draft of gh's: neither the draft nor what is half there is touched.
serve halfway --faults "$folder/stall.json"
gh release create "$tag" "$inbox"/Nexy.dmg -R "$repo" --draft --notes "By gh"
interrupt_upload Nexy.pkg
before=$(releases)
publish 8 "ERROR [NX-TAG-01]"
if [ "$(releases)" != "$before" ]; then
    echo "a draft of gh's was changed" >&2
    exit 1
fi
stop

echo "sweep: $held of 7 points held"
echo "gh and the console see the same host, and each keeps what is the other's"
