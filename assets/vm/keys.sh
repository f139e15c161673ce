#!/bin/sh
# Reads only. Is NX_KEY in each of NX_FILES (base64, one a line)? Prints a verdict a file, and what the service's log
# says of the key since the service started. The value is looked at by awk and goes nowhere.

nx_service() {
    systemctl show -p "$1" --value -- "$NX_SERVICE" 2>/dev/null
}

nx_user=$(nx_service User)
# Whether the service may do `test $1 $2`. The path is absolute: every folder on the way counts.
nx_may() {
    if [ -z "$nx_user" ] || [ "$nx_user" = root ]; then
        test "$1" "$2"
    else
        runuser -u "$nx_user" -- test "$1" "$2"
    fi
}

# The outermost folder above $1 that the service may not enter.
nx_closed() {
    nx_at=$1
    nx_shut=
    while [ "$nx_at" != / ] && [ "$nx_at" != . ]; do
        nx_at=$(dirname -- "$nx_at")
        nx_may -x "$nx_at" || nx_shut=$nx_at
    done
    printf '%s' "$nx_shut"
}

nx_verdict() {
    awk -v key="$NX_KEY" '
        BEGIN { verdict = "absent" }
        NR == 1 { sub(/^\357\273\277/, "") }
        {
            sub(/\r$/, "")
            sub(/^[ \t]+/, "")
            sub(/^export[ \t]+/, "")
            if (index($0, key) != 1) next
            value = substr($0, length(key) + 1)
            sub(/^[ \t]+/, "", value)
            if (substr(value, 1, 1) != "=") next
            value = substr(value, 2)
            sub(/^[ \t]+/, "", value)
            quote = substr(value, 1, 1)
            if (quote == "\"" || quote == "\047") {
                value = substr(value, 2)
                end = index(value, quote)
                if (end) value = substr(value, 1, end - 1)
            } else {
                sub(/^#.*/, "", value)
                sub(/[ \t]+#.*/, "", value)
            }
            gsub(/[ \t]/, "", value)
            verdict = judge(tolower(value))
            count++
        }
        # What people leave in place of a key. A key is letters, digits, `.`, `_` and `-`, and none is short.
        function judge(v, words, count, i) {
            if (v == "") return "empty"
            if (v !~ /^[a-z0-9._-]+$/ || length(v) < 16 || alike(v)) return "placeholder"
            # So long or so shaped that no key has it by chance.
            if (v ~ /\.\.\.|changeme|change[._-]me|replace|placeholder|example|api[._-]?key|gemini|your[._-]|your.?key/)
                return "placeholder"
            if (v ~ /insert[._-]|paste[._-]|enter[._-]|dummy[._-]|sample[._-]|redacted|undefined/) return "placeholder"
            if (v ~ /^(aiza|aq\.)/) return "ok"
            count = split(v, words, /[._-]+/)
            for (i = 1; i <= count; i++)
                if (words[i] ~ /^(your|put|paste|enter|fill|insert|change|here|key|token|secret|password|none|null|tbd|todo|fixme|test|tests|testing|dev|fake|mock|demo|dummy|sample|local|xxx+)$/)
                    return "placeholder"
            return "ok"
        }
        # Six times the same, one behind the other.
        function alike(v, i, run) {
            run = 1
            for (i = 2; i <= length(v); i++) {
                run = substr(v, i, 1) == substr(v, i - 1, 1) ? run + 1 : 1
                if (run == 6) return 1
            }
            return 0
        }
        END { printf "%s %d", verdict, count }
    ' < "$1"
}

nx_number=0
while IFS= read -r nx_line; do
    [ -n "$nx_line" ] || continue
    nx_file=$(nx_text "$nx_line") || exit 65
    nx_file=${nx_file%x}
    if [ ! -e "./$nx_file" ]; then
        nx_found='missing 0'
    elif [ ! -f "./$nx_file" ]; then
        nx_found='not-a-file 0'
    elif ! nx_may -r "$NX_APP_DIR/$nx_file"; then
        nx_found='unreadable 0'
        nx_folder=$(nx_closed "$NX_APP_DIR/$nx_file")
        if [ -n "$nx_folder" ]; then
            nx_found='closed 0'
            printf 'FOLDER %d %s\n' "$nx_number" "$(printf '%s' "$nx_folder" | base64 | tr -d '\n')"
        fi
    else
        nx_found=$(nx_verdict "./$nx_file") || exit 74
    fi
    printf 'FILE %d %s\n' "$nx_number" "$nx_found"
    nx_number=$((nx_number + 1))
done <<NX_END_OF_FILES
$NX_FILES
NX_END_OF_FILES

# What the service said since it was started last: an older refusal may be mended.
nx_invocation=$(nx_service InvocationID)
if [ -n "$nx_invocation" ] && nx_log=$(
    timeout 10 journalctl --no-pager -q -o cat -n 500 "_SYSTEMD_INVOCATION_ID=$nx_invocation" 2>/dev/null
); then
    case $nx_log in
        *'API key expired'*) echo 'LOG expired' ;;
        *API_KEY_INVALID* | *'API key not valid'*) echo 'LOG invalid' ;;
        *'illegal environment variable name'*) echo 'LOG crashed' ;;
        *TextProcessor*initiali*[Ff]ail* | *[Ff]ail*initiali*TextProcessor*) echo 'LOG textless' ;;
        *) echo 'LOG quiet' ;;
    esac
else
    echo 'LOG unreadable'
fi
