#!/bin/sh
# Behind versions.sh. Replaces files, all or none of those that changed meanwhile. NX_FILES: one a line, `PATH OLD NEW
# CONTENT`; path and content are base64, OLD and NEW are SHA-256, OLD may be `absent`. A versioned manifest becomes the
# newest beside it by its time: it is what the update server reads. A version above NX_UP_TO is not taken back. Azure
# may send this script twice: a file that has its NEW bytes is fine.
umask 022

nx_sha() {
    if [ ! -e "$1" ] && [ ! -L "$1" ]; then
        echo absent
        return
    fi
    nx_plain "$1" || return 1
    nx_sum=$(sha256sum < "$1") || return 1
    echo "${nx_sum%% *}"
}

# A link is followed: the file behind it is replaced.
nx_path() {
    nx_file=$(nx_text "$1") || exit 65
    nx_file=./${nx_file%x}
    if [ -L "$nx_file" ]; then
        nx_file=$(readlink -f -- "$nx_file") || exit 74
    fi
}

nx_backup() {
    [ -e "$nx_file" ] || return 0
    nx_kept=$nx_backups/$nx_stamp/${nx_file#./}
    mkdir -p -- "$(dirname -- "$nx_kept")" && cp -p -- "$nx_file" "$nx_kept"
}

nx_owner() {
    # shellcheck disable=SC2012 # stat differs between systems
    ls -ldn -- "$1" | awk '{ print $3 ":" $4 }'
}

# Where the new content of nx_file waits. Nobody can guess the nonce.
nx_new() {
    printf '%s/.nexy-release-%s-%s' "$(dirname -- "$nx_file")" "$NX_NONCE" "$(basename -- "$nx_file")"
}

# Everything is there before anything moves: a full disk changes nothing. Owner and mode stay.
nx_prepare() {
    nx_folder=$(dirname -- "$nx_file")
    mkdir -p -- "$nx_folder" || return 1
    nx_next=$(nx_new)
    rm -f -- "$nx_next"
    if [ -e "$nx_file" ]; then
        cp -p -- "$nx_file" "$nx_next"
    else
        : > "$nx_next" && chmod 644 "$nx_next" && chown "$(nx_owner "$nx_folder")" "$nx_next"
    fi && nx_decode "$1" > "$nx_next" && [ "$(nx_sha "$nx_next")" = "$2" ] && touch -- "$nx_next" && sync -- "$nx_next"
}

# A file is old or new, never between.
nx_place() {
    mv -f -- "$(nx_new)" "$nx_file" && sync -- "$(dirname -- "$nx_file")"
}

# Puts nx_file back as it was.
nx_restore() {
    nx_kept=$nx_backups/$nx_stamp/${nx_file#./}
    if [ -e "$nx_kept" ]; then
        cp -p -- "$nx_kept" "$(nx_new)" && nx_place
    else
        rm -f -- "$nx_file"
    fi
}

# The end where something could not be written: all that was placed is put back, and what waited is removed.
nx_give_up() {
    nx_back=RESTORED
    while read -r nx_name _; do
        nx_path "$nx_name"
        if [ "$nx_placed" -gt 0 ]; then
            nx_restore || nx_back=PARTLY
            nx_placed=$((nx_placed - 1))
        fi
        rm -f -- "$(nx_new)"
    done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES
    printf '%s %s\n' "$nx_back" "$(printf '%s' "$nx_backups/$nx_stamp" | base64 | tr -d '\n')"
    exit 73
}

nx_decode() {
    printf '%s' "$1" | base64 -d
}

# Sets the time of $1 a second after that of $2.
nx_overtake() {
    nx_time=$(stat -L -c %Y -- "$2" 2>/dev/null || stat -L -f %m -- "$2") || return 1
    nx_after=$((nx_time + 1))
    nx_after=$(date -u -d "@$nx_after" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$nx_after" +%Y-%m-%dT%H:%M:%SZ) \
        && touch -d "$nx_after" -- "$1" && sync -- "$1"
}

nx_changed=0
nx_number=0
while read -r nx_name nx_old nx_wanted _; do
    nx_path "$nx_name"
    nx_now=$(nx_sha "$nx_file") || exit 74
    if [ "$nx_now" != "$nx_old" ] && [ "$nx_now" != "$nx_wanted" ]; then
        printf 'CHANGED %d %s\n' "$nx_number" "$nx_now"
        nx_changed=1
    fi
    nx_number=$((nx_number + 1))
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES
[ "$nx_changed" = 0 ] || exit 3

nx_above=$(nx_versions | nx_highest)
if [ -n "$nx_above" ] && [ "$(printf '%s up-to\n%s\n' "$NX_UP_TO" "$nx_above" | nx_highest)" != "$NX_UP_TO up-to" ]; then
    printf 'HIGHEST %s\n' "$nx_above"
    exit 4
fi

nx_backups=backups/nexy-release
nx_placed=0
nx_stamp=$(date -u +%Y%m%dT%H%M%SZ)-$NX_NONCE
while read -r nx_name _ nx_wanted nx_content; do
    nx_path "$nx_name"
    if ! nx_backup || ! nx_prepare "$nx_content" "$nx_wanted"; then nx_give_up; fi
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES
while read -r nx_name _; do
    nx_path "$nx_name"
    # Counted first: one that moved and could not be synced is put back as well.
    nx_placed=$((nx_placed + 1))
    nx_place || nx_give_up
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES

# One of a clock that was ahead stays newer than what is written now.
nx_number=0
while read -r nx_name _; do
    nx_own=$(nx_text "$nx_name") || exit 65
    nx_own=./${nx_own%x}
    case ${nx_own##*/} in
        manifest_*.json)
            nx_ahead=$(nx_newer "$nx_own")
            if [ -n "$nx_ahead" ]; then
                nx_overtake "$nx_own" "$nx_ahead" || exit 73
                if [ "$nx_time" -gt "$(date +%s)" ]; then
                    printf 'OVERTOOK %d %s\n' "$nx_number" "$(printf '%s' "${nx_ahead##*/}" | base64 | tr -d '\n')"
                fi
            fi
            [ -z "$(nx_newer "$nx_own")" ] || printf 'NEWER %d\n' "$nx_number"
            ;;
    esac
    nx_number=$((nx_number + 1))
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES

nx_number=0
while read -r nx_name _; do
    nx_path "$nx_name"
    printf 'FILE %d %s\n' "$nx_number" "$(nx_sha "$nx_file")"
    nx_number=$((nx_number + 1))
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES

# The newest ten backups stay. Their names begin with their time.
nx_extra=$(($(find "$nx_backups" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l) - 10))
if [ "$nx_extra" -gt 0 ]; then
    find "$nx_backups" -mindepth 1 -maxdepth 1 -type d | sort | head -n "$nx_extra" | while IFS= read -r nx_dir; do
        rm -rf -- "$nx_dir"
    done
fi
exit 0
