#!/usr/bin/env bash
# The real Azure CLI against an Azure on loopback: what it prints and how it ends is what the console reads.
#   tests/real-az/run.sh target/release/nexy-release
# AZ names an installed az; without it azure-cli (700 MB) is installed into a virtual environment that goes away.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
console=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$(mktemp -d)
server=
host=
clean() {
    [ -z "$server" ] || kill "$server"
    [ -z "$host" ] || kill "$host"
    rm -rf -- "$folder"
}
trap clean EXIT

az=${AZ:-}
if [ -z "$az" ]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check azure-cli==2.91.0
    az=$folder/venv/bin/az
fi

# A published practice release; its VM is behind the real az from now on.
NEXY_RELEASE__VM__PUSH_MANIFEST=false "$console" sandbox --headless --dir "$folder/world" >/dev/null
workspace=$folder/world/workspace
sed -i.old -e "s|^program = .*|program = [\"$az\"]|" -e 's|^busy_wait_s = .*|busy_wait_s = 1|' \
    -e 's|^subscription = .*|subscription = "00000000-0000-0000-0000-000000000001"|' "$workspace/release.toml"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
echo well >"$folder/mode"
python3 "$here/server.py" "$folder" "$folder/cert.pem" "$folder/key.pem" "$folder/world/vm" &
server=$!
until [ -e "$folder/port" ]; do
    kill -0 "$server"
    sleep 0.1
done
url=https://localhost:$(cat "$folder/port")

export AZURE_CONFIG_DIR=$folder/azure REQUESTS_CA_BUNDLE=$folder/cert.pem AZURE_CORE_INSTANCE_DISCOVERY=false
export AZURE_CORE_COLLECT_TELEMETRY=false
"$az" cloud register -n practice --skip-endpoint-discovery --endpoint-resource-manager "$url" \
    --endpoint-active-directory "$url" --endpoint-active-directory-resource-id "$url" --endpoint-management "$url" \
    --endpoint-active-directory-graph-resource-id "$url" --only-show-errors
"$az" cloud set -n practice --only-show-errors

# Runs the console; compares its exit code, a part of its text, and how many run commands arrived.
try() {
    local title=$1 mode=$2 code=$3 part=$4 posts=$5 status=0 text count
    shift 5
    echo "$mode" >"$folder/mode"
    : >"$folder/posts"
    text=$("$console" "$@" --workspace "$workspace" 2>&1) || status=$?
    count=$(grep -c . "$folder/posts" || true)
    if [ "$status" -ne "$code" ] || [ "$count" -ne "$posts" ] || ! grep -qF -- "$part" <<<"$text"; then
        printf '%s\nFAILED: %s: exit %s (%s), %s run commands (%s), looked for: %s\n' \
            "$text" "$title" "$status" "$code" "$count" "$posts" "$part" >&2
        exit 1
    fi
    printf 'ok: %s\n' "$title"
}
check=(check --only "vm-signin,vm-run-command,vm-gemini-key")

try "signed out" well 4 "ERROR [NX-VM-02]" 0 "${check[@]}"
"$az" login --service-principal -u practice -p practice --tenant 00000000-0000-0000-0000-000000000002 \
    --only-show-errors -o none
try "all well" well 0 "vm-gemini-key   there in 1 file" 1 "${check[@]}"
try "conflict, then success" conflict-once 0 "waiting for up to 1 s" 2 "${check[@]}"
try "conflict throughout" conflict 3 "ERROR [NX-VM-10]" 2 "${check[@]}"
try "no such VM" not-found 3 "ERROR [NX-VM-05]" 1 "${check[@]}"
# What is sent to the VM is compared with what the release host holds.
"$console" sandbox serve --dir "$folder/world" >"$folder/served" 2>&1 &
host=$!
until grep -q NEXY_SANDBOX_TOKEN "$folder/served"; do
    kill -0 "$host"
    sleep 0.1
done
try "the manifest's way to the VM" well 0 "3 files written and read back" 2 manifest push-vm
try "it is there" well 0 "already right on the VM" 1 manifest push-vm
mv "$folder/world/vm/home" "$folder/world/vm/gone"
try "a script that fails" well 3 "ERROR [NX-VM-12]" 1 "${check[@]}"
# Last: az remembers a refused token for a minute.
try "expired sign-in" expired 4 "ERROR [NX-VM-03]" 0 "${check[@]}"
