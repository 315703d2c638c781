# Shared by every part: messages, deadlines, processes known by id and start time.
# shellcheck shell=bash disable=SC2034

say() { echo "testbed: $*"; }
fail() { echo "testbed: error: $*" >&2; exit 1; }
need_root() { [[ $(id -u) == 0 ]] || fail "$1 needs root"; }

# Tries a command until it succeeds: within SECONDS COMMAND...
within() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# --- Processes -----------------------------------------------------------------------------
# A file holds "pid start-time": a pid that the kernel gave to somebody else in the meantime
# has another start time and is left alone.

start_time() {
    local line
    line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # Fields are counted behind the name, which may hold spaces: state is the first.
    read -r -a line <<<"${line##*) }"
    [[ ${line[0]} != [ZX] ]] || return 1
    echo "${line[19]}"
}

# remember FILE PID
remember() {
    local started
    started=$(start_time "$2") || return 1
    echo "$2 $started" >"$1"
}

# The pid in FILE if that very process still runs.
alive() {
    local pid started
    [[ -s $1 ]] || return 1
    read -r pid started <"$1"
    [[ $(start_time "$pid") == "$started" ]] || return 1
    echo "$pid"
}

gone() { ! alive "$1" >/dev/null; }

# signal NAME FILE: to that very process, or to nobody.
signal() {
    local pid
    pid=$(alive "$2") || return 1
    kill "-$1" "$pid"
}

# --- Where things are ----------------------------------------------------------------------

cache_directory() {
    echo "${GYRE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gyre}"
}

# An entry NAME -> directory for each running testbed, so that `list` finds them all.
roster=/run/gyre-testbed
