#!/bin/sh
# Functions of the scripts below it: the highest version on the VM, and which manifest the update server reads.
# NX_FILES begin with the path, base64.

# Whether it is a file: reading a pipe has no end.
nx_plain() {
    [ -f "$1" ] && return 0
    printf '%s is no ordinary file\n' "$1" >&2
    return 1
}

# Prints the highest of the versions that it reads, one `VERSION FILE` a line; what has not four numbers is no version.
nx_highest() {
    awk '
        $1 ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/ && $1 !~ /(^|\.)0[0-9]/ {
            count = split($1, now, ".")
            higher = 0
            for (i = 1; i <= count && !higher; i++) {
                if (now[i] + 0 < best[i] + 0) break
                higher = now[i] + 0 > best[i] + 0
            }
            if (higher || found == "") {
                found = $0
                for (i = 1; i <= count; i++) best[i] = now[i]
            }
        }
        END { if (found != "") print found }
    '
}

# Versions that the files of a release name here: VERSION, the manifests, and the versioned manifests beside them.
nx_versions() {
    while read -r nx_name _; do
        nx_at=$(nx_text "$nx_name") || exit 65
        nx_at=./${nx_at%x}
        case ${nx_at##*/} in
            VERSION) [ -f "$nx_at" ] && printf '%s VERSION\n' "$(tr -d '\r' < "$nx_at" | head -n 1)" ;;
            *)
                [ -f "$nx_at" ] && printf '%s %s\n' "$(sed -n \
                    's/.*"version"[[:space:]]*:[[:space:]]*"\([0-9.]*\)".*/\1/p' "$nx_at" | head -n 1)" "${nx_at##*/}"
                find "${nx_at%/*}/." -name . -o -type d -prune -o -name 'manifest_*.json' -print 2>/dev/null \
                    | sed -n 's|.*/manifest_\([0-9.]*\)\.json$|\1 manifest_\1.json|p'
                ;;
        esac
    done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES
}

# Prints `HIGHEST VERSION FILE`, where there is one.
nx_tell_highest() {
    nx_found=$(nx_versions | nx_highest)
    [ -z "$nx_found" ] || printf 'HIGHEST %s\n' "$nx_found"
}

# Prints the versioned manifest beside $1 that is newest of those which are not older than it.
nx_newer() {
    nx_newest=
    for nx_other in "${1%/*}"/manifest_*.json; do
        if [ ! -e "$nx_other" ] || [ "$nx_other" = "$1" ] || [ -n "$(find -L "$1" -prune -newer "$nx_other")" ]; then
            continue
        fi
        if [ -z "$nx_newest" ] || [ -n "$(find -L "$nx_other" -prune -newer "$nx_newest")" ]; then
            nx_newest=$nx_other
        fi
    done
    printf '%s' "$nx_newest"
}
