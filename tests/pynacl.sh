#!/usr/bin/env bash
# Signatures made by PyNaCl, which is libsodium, hold here, and ours hold there. Usage: tests/pynacl.sh BINARY
set -euo pipefail

binary=$1
if ! command -v python3 >/dev/null; then
    echo "python3 is not installed; PyNaCl needs it: https://www.python.org" >&2
    exit 1
fi

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

python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: PyNaCl
nacl() {
    "$folder/python/bin/python" - "$@"
}

"$binary" sandbox serve --dir "$folder/world" >"$folder/served" 2>"$folder/errors" &
server=$!
for _ in $(seq 600); do
    if grep -q '^  export NEXY_SANDBOX_TOKEN=' "$folder/served"; then break; fi
    if ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
done
NEXY_SANDBOX_TOKEN=$(sed -n 's/^  export NEXY_SANDBOX_TOKEN=//p' "$folder/served")
if [ -z "$NEXY_SANDBOX_TOKEN" ]; then
    echo "the practice servers did not start:" >&2
    cat "$folder/served" "$folder/errors" >&2
    exit 1
fi
export NEXY_SANDBOX_TOKEN

workspace=$folder/world/workspace
dmg=$workspace/release_inbox/Nexy.dmg
run() {
    "$binary" --workspace "$workspace" "$@"
}
refused() {
    local code=$1 status=0
    run check --only signature >"$folder/said" 2>&1 || status=$?
    if [ "$status" -ne 3 ] || ! grep -qF "[$code]" "$folder/said"; then
        printf 'exit code %s, expected 3 with %s:\n' "$status" "$code" >&2
        cat "$folder/said" >&2
        exit 1
    fi
}

# A key of PyNaCl's, its signature over the DMG, and the ways in which that is spoilt.
nacl "$dmg" "$folder" <<'PYTHON'
import base64, pathlib, sys
from nacl.signing import SigningKey

dmg, folder = map(pathlib.Path, sys.argv[1:])
key = SigningKey.generate()
encode = lambda data: base64.b64encode(bytes(data)).decode()
good = key.sign(dmg.read_bytes()).signature
(folder / "seed").write_text(encode(key))
(folder / "public").write_text(encode(key.verify_key))
(folder / "good").write_text(encode(good))
(folder / "other").write_text(encode(key.sign(b"another file").signature))
(folder / "short").write_text(encode(good)[:80])
(folder / "stranger").write_text(encode(SigningKey.generate().sign(dmg.read_bytes()).signature))
PYTHON

NEXY_RELEASE__SIGNING__PUBLIC_KEY=$(cat "$folder/public")
export NEXY_RELEASE__SIGNING__PUBLIC_KEY
refused NX-SIGN-01
for spoilt in other short stranger; do
    cp "$folder/$spoilt" "$dmg.ed25519"
    refused NX-SIGN-02
done
cp "$folder/good" "$dmg.ed25519"
run check --only signature
echo "a signature of PyNaCl's holds here"

# The same key signs here; its public half is all that PyNaCl gets to see.
rm "$dmg.ed25519"
export NEXY_RELEASE__SIGNING__KEY_ENV=UPDATE_KEY
UPDATE_KEY=$(cat "$folder/seed") run publish --yes --quiet
nacl "$dmg" "$folder/public" "$workspace/server/updates/manifests/manifest.json" <<'PYTHON'
import base64, json, pathlib, sys
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

dmg, public, manifest = map(pathlib.Path, sys.argv[1:])
key = VerifyKey(base64.b64decode(public.read_text()))
signature = base64.b64decode(json.loads(manifest.read_text())["artifact"]["ed25519"])
data = bytearray(dmg.read_bytes())
key.verify(bytes(data), signature)
data[len(data) // 2] ^= 1
try:
    key.verify(bytes(data), signature)
except BadSignatureError:
    print("a signature of ours holds in PyNaCl, and for no other bytes")
else:
    sys.exit("it holds for other bytes as well")
PYTHON
