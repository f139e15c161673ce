#!/bin/sh
# Behind versions.sh. Reads only. The SHA-256 of each of NX_FILES (base64, one a line), or that it is not there.

nx_number=0
while IFS= read -r nx_line; do
    [ -n "$nx_line" ] || continue
    nx_file=$(nx_text "$nx_line") || exit 65
    nx_file=./${nx_file%x}
    if [ ! -e "$nx_file" ] && [ ! -L "$nx_file" ]; then
        nx_found=absent
    else
        nx_plain "$nx_file" || exit 74
        nx_found=$(sha256sum < "$nx_file") || exit 74
    fi
    printf 'FILE %d %s\n' "$nx_number" "${nx_found%% *}"
    # The update server reads the newest of these.
    case ${nx_file##*/} in
        manifest_*.json)
            if [ -e "$nx_file" ] && [ -n "$(nx_newer "$nx_file")" ]; then
                printf 'NEWER %d\n' "$nx_number"
            fi
            ;;
    esac
    nx_number=$((nx_number + 1))
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES
nx_tell_highest
