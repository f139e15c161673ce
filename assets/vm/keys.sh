#!/bin/sh
# Reads only. Is NX_KEY in each of NX_FILES (base64, one a line)? Prints a verdict a file, and what the service's log
# says of the key since the service started. The value is looked at by awk and goes nowhere.

nx_service() {
    systemctl show -p "$1" --value -- "$NX_SERVICE" 2>/dev/null
}

nx_user=$(nx_service User)
nx_readable() {
    if [ -z "$nx_user" ] || [ "$nx_user" = root ]; then
        [ -r "$1" ]
    else
        runuser -u "$nx_user" -- test -r "$1"
    fi
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
        function judge(v) {
            if (v == "") return "empty"
            if (v ~ /xxxxx|\*\*\*|\.\.\.|[<>${}]|…/) return "placeholder"
            if (v ~ /^aiza/) return "ok"
            if (v ~ /your|placeholder|change|replace|example|sample|insert|paste|dummy|todo|fixme|api[_-]?key|gemini/)
                return "placeholder"
            if (v ~ /^(none|null|undefined|test|secret|key|tbd|x+|0+)$/) return "placeholder"
            return "ok"
        }
        END { printf "%s %d", verdict, count }
    ' < "$1"
}

nx_number=0
while IFS= read -r nx_line; do
    [ -n "$nx_line" ] || continue
    nx_file=$(nx_text "$nx_line") || exit 65
    nx_file=./${nx_file%x}
    if [ ! -e "$nx_file" ]; then
        nx_found='missing 0'
    elif [ ! -f "$nx_file" ]; then
        nx_found='not-a-file 0'
    elif ! nx_readable "$nx_file"; then
        nx_found='unreadable 0'
    else
        nx_found=$(nx_verdict "$nx_file") || exit 74
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
        *) echo 'LOG quiet' ;;
    esac
else
    echo 'LOG unreadable'
fi
