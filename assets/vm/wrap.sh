#!/bin/sh
# Goes before every script on the VM. Azure reports success for scripts that fail, and can return an earlier run's
# output: only the end mark with this run's nonce tells how it ended. Parameters come as base64: they stay data.
NX_NONCE='@NONCE@'
printf '@@NX-BEGIN %s\n' "$NX_NONCE"
nx_end() {
    nx_rc=$?
    trap - EXIT
    printf '\n@@NX-END %s {"rc":%d}\n' "$NX_NONCE" "$nx_rc"
    exit "$nx_rc"
}
trap nx_end EXIT
trap 'exit 129' HUP
trap 'exit 143' TERM
set -u

# Decodes a parameter. `x` keeps line feeds at its end, which `$(…)` would drop.
nx_text() {
    printf '%s' "$1" | base64 -d && printf x
}
# @PARAMETERS@

cd -- "$NX_APP_DIR" || exit 66
# One script of ours at a time. The folder itself is locked: nothing is written for it.
exec 9<.
command -v flock >/dev/null || { echo 'flock is not installed' >&2; exit 69; }
flock -w 20 9 || { echo 'another script of nexy-release holds the lock' >&2; exit 75; }
