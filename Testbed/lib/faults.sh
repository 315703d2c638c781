# What happens to machines: engines end or hang, cables break, disks fill, ports are taken.
# shellcheck shell=bash disable=SC2154

stop_engine() {
    signal "$1" "$dir/engine.pid" || { say "the engine does not run"; return 0; }
    within 60 gone "$dir/engine.pid" || fail "the engine did not end within 60 s"
}

fault() {
    require_directory
    require_own
    need_root "$command"
    case $command in
        restart-engine) stop_engine TERM; start_engine ;;
        kill-engine) stop_engine KILL; export_environment ;;
        start-engine) gone "$dir/engine.pid" || fail "the engine runs"; start_engine ;;
        freeze) freeze STOP "${1:-engine}" ;;
        thaw) freeze CONT "${1:-engine}" ;;
        # At the node's end, or the machine would look for the node beyond its own router.
        unplug) each_cable down ;;
        plug) each_cable up ;;
        fill-disk) fill_disk "$@" ;;
        free-disk) rm_filler ;;
        occupy) occupy "$@" ;;
        release) release "$@" ;;
        change-host-key) lock_servers; change_host_key ;;
        trust-host-key) lock_servers; trust_host_key ;;
        expire-certificate) lock_servers; show_certificate expired ;;
        renew-certificate) lock_servers; show_certificate valid ;;
    esac
}

# each_cable up|down: to the machine, and to the other nodes of its Swarm.
each_cable() {
    local cable
    for cable in uplink swarm; do
        ! ip -n "$NAME" link show "$cable" >/dev/null 2>&1 || ip -n "$NAME" link set "$cable" "$1"
    done
}

# freeze SIGNAL engine|registry
freeze() {
    local -A files=([engine]=engine [registry]=private)
    [[ -n ${files[$2]:-} ]] || fail "usage: testbed $command [engine|registry]"
    signal "$1" "$dir/${files[$2]}.pid" || fail "the $2 does not run"
}

# --- A disk of its own for the engine ------------------------------------------------------
# It is in memory: it fills like any other, and needs no loop device, which many a container
# lacks. It exists in the node alone and goes with it.

check_disk_size() {
    [[ $1 =~ ^[1-9][0-9]*[MG]$ ]] || fail "--engine-disk takes a size such as 512M, not $1"
}

mount_engine_disk() {
    mkdir -p "$dir/data"
    inside mount -t tmpfs -o "size=$1,mode=711" engine-disk "$dir/data"
}

fill_disk() {
    local leave=${1:-0} available
    [[ $leave =~ ^[0-9]+$ ]] || fail "usage: testbed fill-disk [BYTES-TO-LEAVE]"
    inside mountpoint -q "$dir/data" || fail "the engine has no disk of its own: up --engine-disk"
    rm_filler
    available=$(inside df --output=avail -B1 "$dir/data" | tail -n 1)
    ((available > leave)) || fail "only $available bytes are free"
    inside fallocate -l $((available - leave)) "$dir/data/filler"
}

rm_filler() { inside rm -f "$dir/data/filler"; }

# --- A port that a program of the node holds -----------------------------------------------

port_argument() {
    [[ $# == 1 && $1 =~ ^[1-9][0-9]{0,4}$ ]] || fail "usage: testbed $command PORT"
}

occupy() {
    port_argument "$@"
    local holder=$dir/holder-$1
    gone "$holder.pid" || fail "port $1 is held already"
    rm -f "$holder.log"
    spawn "holder-$1" /usr/bin/python3 -uc '
import signal, socket, sys
holder = socket.create_server(("0.0.0.0", int(sys.argv[1])))
print("held")
signal.pause()' "$1"
    within 20 eval "gone '$holder.pid' || grep -q held '$holder.log'"
    grep -q held "$holder.log" || { cat "$holder.log" >&2; fail "port $1 is not to be had"; }
}

release() {
    port_argument "$@"
    end_process "holder-$1"
}
