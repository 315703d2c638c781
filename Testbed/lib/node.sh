# One testbed: a node with its own network, host name, processes and file tree, in which an
# engine and an image registry run. Everything it owns is under DIR, plus three things that
# carry its name: a network namespace (two where it began a Swarm), one end of a cable (veth), a
# control group.
# shellcheck shell=bash disable=SC2154

port_of_registry=5000

# --- State ---------------------------------------------------------------------------------

# Reads DIR/state: NAME, NUMBER, KIND (own or user), ENGINE, RELEASE.
load_state() {
    NAME='' NUMBER='' KIND='' ENGINE='' RELEASE=''
    [[ -f $dir/state ]] || return 1
    # shellcheck disable=SC1091
    . "$dir/state"
    address=10.231.$NUMBER.2 other=10.231.$NUMBER.3
}

require_own() {
    load_state || fail "no testbed in $dir"
    [[ $KIND == own ]] || fail "$dir uses $ENGINE, which is not the testbed's to stop or start"
}

require_directory() {
    [[ -n ${dir:-} ]] || fail "say which testbed: --dir DIR or GYRE_TESTBED_DIR"
}

# A DIR of our own under a name nobody has. The state file says that it may be deleted.
new_directory() {
    dir=$(mktemp -d "${TMPDIR:-/var/tmp}/gyre-testbed-XXXXXX")
    check_directory
    echo KIND=own >"$dir/state"
}

# DIR appears in mount options and in socket names, and must be the same place inside the node.
check_directory() {
    [[ $dir == /* ]] || fail "DIR must be absolute: $dir"
    [[ $dir =~ ^[A-Za-z0-9_./-]+$ ]] || fail "DIR may hold letters, digits and _ . / - only: $dir"
    ((${#dir} <= 64)) || fail "DIR is too long for the sockets below it (64 characters): $dir"
    case $dir/ in
        /home/* | /global/* | /etc/* | /run/* | /var/run/* | /proc/* | /sys/* | /dev/*)
            fail "DIR may not be below $(cut -d/ -f1-2 <<<"$dir"): $dir" ;;
    esac
}

# --- Network -------------------------------------------------------------------------------

# Takes the lowest free number under a lock. The network namespace itself is the mark that the
# number is taken, so nothing is left to free when a run is killed, but the namespace.
claim_number() {
    local number
    mkdir -p /run/lock
    exec 8>/run/lock/gyre-testbed.lock
    flock -w 30 8 || fail "another testbed holds the lock for too long"
    for number in {1..250}; do
        if [[ ! -e /run/netns/gyre$number && ! -e /sys/class/net/gyre${number}h ]] \
            && [[ -z $(ip -4 route show root "10.231.$number.0/24") ]]; then
            printf '%s\n' "NAME=gyre$number" "NUMBER=$number" KIND=own \
                "ENGINE=unix://$dir/docker.sock" "RELEASE=${release:-}" >"$dir/state"
            mkdir -p "$roster"
            ln -sfn "$dir" "$roster/gyre$number"
            ip netns add "gyre$number"
            break
        fi
    done
    exec 8>&-
    load_state
    [[ -n $NAME ]] || fail "250 testbeds are up; no number is free"
}

# The machine has .1, the node .2 and, as another host that isn't one, .3. There is no way
# further: neither address translation nor a default route.
lay_cable() {
    ip link add "${NAME}h" type veth peer name uplink netns "$NAME"
    ip address add "10.231.$NUMBER.1/29" dev "${NAME}h"
    ip link set "${NAME}h" up
    ip -n "$NAME" address add "$address/29" dev uplink
    ip -n "$NAME" address add "$other/29" dev uplink
    ip -n "$NAME" link set uplink up
}

# Known in the node, and to what `testbed run` starts.
names_of_node() {
    local servers=$address first
    if [[ -n ${join:-} ]]; then
        # The servers of a Swarm are those of the node that began it.
        first=$(. "$join/state"; echo "$NUMBER")
        servers=10.232.$first.$first
    fi
    echo "$servers git.test registry.test"
    echo "$other other.test"
}

# --- Processes of the node -----------------------------------------------------------------

start_init() {
    rm -f "$dir"/init.*
    # The file descriptors of the caller stay with the caller, or a pipe it reads never ends.
    TESTBED_DIR=$dir setsid nsenter --net="/run/netns/$NAME" \
        unshare --mount --propagation private --uts --pid --fork --kill-child \
        "$here/lib/node-init" "$dir" "$NAME" "$@" \
        "${RELEASE:+$(release_directory "$RELEASE")}" </dev/null >"$dir/init.log" 2>&1 &
    if ! within 20 test -e "$dir/init.ready"; then
        cat "$dir/init.log" >&2
        fail "the node did not start"
    fi
    remember "$dir/init.pid" "$(cat "$dir/init.outside")"
}

# Runs a command in the node, in the background, with its pid remembered: spawn NAME COMMAND...
# nsenter does not fork, so the shell stays outside and knows the pid as seen from outside.
spawn() {
    local what=$1 init
    shift
    init=$(alive "$dir/init.pid") || fail "the node in $dir does not run; testbed down, then up"
    rm -f "$dir/$what".{pid,outside}
    # shellcheck disable=SC2016
    nsenter --target "$init" --mount --uts --net --pid --no-fork \
        bash -c 'log=$1 file=$2; shift 2
                 setsid "$@" </dev/null >>"$log" 2>&1 & echo $! >"$file"' \
        spawn "$dir/$what.log" "$dir/$what.outside" "$@" 7>&-
    remember "$dir/$what.pid" "$(cat "$dir/$what.outside")" || true
}

# inside COMMAND...: in the node, and to its end.
inside() {
    local init
    init=$(alive "$dir/init.pid") || fail "the node in $dir does not run; testbed down, then up"
    nsenter --target "$init" --mount --uts --net --pid "$@"
}

# The registry's program where the node sees it: it has another /home than the machine, and
# perhaps another /usr.
registry_in_node() {
    local program
    program=$(registry_program)
    if [[ $program == /home/* || -n $RELEASE ]]; then
        cp -u "$program" "$dir/docker-registry"
        program=$dir/docker-registry
    fi
    echo "$program"
}

start_mirror() {
    gone "$dir/mirror.pid" || return 0
    local configuration=$dir/mirror.yml program
    program=$(registry_in_node)
    cat >"$configuration" <<YAML
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $dir/registry }, delete: { enabled: true } }
http: { addr: "127.0.0.1:$port_of_registry", secret: testbed }
YAML
    OTEL_TRACES_EXPORTER=none spawn mirror "$program" serve "$configuration"
}

# Debian's engine; vfs where the file system below DIR can't be a layer of an overlay.
storage_driver() {
    local probe=$dir/probe
    mkdir -p "$probe"/{lower,upper,work,top}
    if unshare --mount mount -t overlay -o \
        "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" probe "$probe/top" \
        2>/dev/null; then
        echo overlay2
    else
        echo vfs
    fi
    rm -rf "$probe"
}

start_engine() {
    # Pids are few in the node, so a file left by a killed engine would soon name another process.
    rm -f "$dir/engine.nodepid" "$dir/exec/containerd/containerd.pid" "$dir/docker.sock"
    local hosts=()
    mapfile -t hosts < <(remote_hosts)
    spawn engine dockerd --config-file "$dir/daemon.json" --host "unix://$dir/docker.sock" \
        "${hosts[@]}"
    export_environment
    if ! within 60 engine_answers; then
        tail -n 20 "$dir/engine.log" >&2
        fail "the engine did not answer within 60 s"
    fi
}

engine_answers() {
    curl -sf --noproxy "*" --max-time 2 --unix-socket "$dir/docker.sock" http://engine/_ping
}

registry_answers() {
    nsenter --net="/run/netns/$NAME" \
        curl -sf --noproxy "*" --max-time 2 "http://127.0.0.1:$port_of_registry/v2/"
}

# The configuration that an operator would write; the pool holds 256 networks. Older engines
# would rather outlive what they run, which on a machine for tests nothing should.
write_daemon_configuration() {
    local older=''
    ! inside dockerd --help 2>&1 | grep -qF -- --oom-score-adjust || older=1
    cat >"$dir/daemon.json" <<JSON
{
  "data-root": "$dir/data",
  "exec-root": "$dir/exec",
  "pidfile": "$dir/engine.nodepid",
  "storage-driver": "$(storage_driver)",
  "registry-mirrors": ["http://127.0.0.1:$port_of_registry"],
  "default-address-pools": [{ "base": "10.240.0.0/16", "size": 24 }],
  "cgroup-parent": "/$NAME",
  ${older:+"\"oom-score-adjust\": 0,"}
  ${swarm:+"\"no-new-privileges\": true,"}
  ${remap_users:+"\"userns-remap\": \"remapped\","}
  "exec-opts": ["native.cgroupdriver=cgroupfs"]
}
JSON
}

# Whom root of a container is, to the node, whose /etc is its own.
add_remapped_users() {
    # shellcheck disable=SC2016
    inside bash -c 'echo "remapped:*:2000:2000::/:/bin/false" >>/etc/passwd
                    echo "remapped:x:2000:" >>/etc/group
                    echo "remapped:200000:65536" | tee -a /etc/subuid >>/etc/subgid'
}

# What tests read: shell assignments, no quoting needed as check_directory saw to it. Servers
# that were started have added theirs.
export_environment() {
    local pid
    pid=$(alive "$dir/engine.pid" || true)
    cat >"$dir/env.$$" <<ENV
GYRE_TEST_DIR=$dir
GYRE_TEST_NAME=$NAME
GYRE_TEST_ENGINE=unix://$dir/docker.sock
GYRE_TEST_HOST=$address
GYRE_TEST_HOMEDIR=$dir/home/fred
GYRE_TEST_GLOBALDIR=$dir/global
GYRE_TEST_REGISTRY=127.0.0.1:$port_of_registry
GYRE_TEST_NETNS=$NAME
GYRE_TEST_REPOS=$dir/git
GYRE_TEST_DOCKERD_PID=$pid
GYRE_TEST_RELEASE=$RELEASE
ENV
    cat "$dir"/env.d/* >>"$dir/env.$$" 2>/dev/null || true
    mv "$dir/env.$$" "$dir/env"
}

# --- Up and down ---------------------------------------------------------------------------

# The home that the gateway of the samples shows.
make_home() {
    mkdir -p "$dir/home/fred"
    chmod 755 "$dir" "$dir"/{home,home/fred}
    [[ -e $dir/home/fred/index.html ]] || echo "<h1>The gateway of fred</h1>" \
        >"$dir/home/fred/index.html"
}

# node_up STORAGE rw|ro: everything of a testbed whose DIR is claimed.
node_up() {
    mkdir -p "$dir"/{global,git,registry,pushed/upper,pushed/work}
    make_home
    chmod 755 "$dir/global"
    claim_number
    lay_cable
    # An engine remembers for seconds what this file said, so it is ready before the engine is.
    { cat /etc/hosts; names_of_node; } >"$dir/hosts"
    start_init "$@"
    [[ -z ${remap_users:-} ]] || add_remapped_users
    write_daemon_configuration
    [[ -z ${engine_disk:-} ]] || mount_engine_disk "$engine_disk"
    start_mirror
    start_engine
    if ! within 20 registry_answers; then
        tail -n 20 "$dir/mirror.log" >&2
        fail "the registry did not answer within 20 s"
    fi
}

# Takes away exactly what state and pid files name; safe to repeat, and after a kill.
node_down() {
    load_state || fail "not a testbed: $dir"
    if [[ $KIND == own ]]; then
        # The first process takes all others of the node along, engine and containers too.
        [[ -s $dir/init.pid || ! -s $dir/init.outside ]] || adopt_init
        signal CONT "$dir/engine.pid" 2>/dev/null || true
        signal KILL "$dir/init.pid" 2>/dev/null || true
        within 20 gone "$dir/init.pid" || fail "the node's first process does not die"
        if [[ -n $NAME && $(readlink "$roster/$NAME" || true) == "$dir" ]]; then
            ip link delete "${NAME}h" 2>/dev/null || true
            delete_namespaces "$NAME"
            remove_control_groups
            rm -f "$roster/$NAME"
        fi
    elif [[ $KIND == user && -n $ENGINE ]]; then
        borrowed_down
    fi
    local mount
    while read -r mount; do
        umount -l "$mount"
    done < <(awk -v below="$dir/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | tac)
    rm -rf --one-file-system "$dir"
}

# Of a testbed whose DIR somebody deleted: what bears its name, if nothing runs there.
forget_node() {
    local entry name
    for entry in "$roster"/*; do
        [[ $(readlink "$entry" || true) == "$1" ]] || continue
        name=${entry##*/}
        if [[ -e /run/netns/$name && -n $(ip netns pids "$name") ]]; then
            fail "processes of $name run still, and $1 that named them is gone"
        fi
        ip link delete "${name}h" 2>/dev/null || true
        delete_namespaces "$name"
        NAME=$name remove_control_groups
        rm -f "$entry"
    done
}

# Its own, and that of the switch of a Swarm that it began.
delete_namespaces() {
    local namespace
    for namespace in "$1" "$1lan"; do
        [[ ! -e /run/netns/$namespace ]] || ip netns delete "$namespace"
    done
}

# A run killed before it had remembered the first process: it is ours if it says so itself.
adopt_init() {
    local pid
    pid=$(cat "$dir/init.outside")
    if grep -qaF "TESTBED_DIR=$dir" "/proc/$pid/environ" 2>/dev/null; then
        remember "$dir/init.pid" "$pid" || true
    fi
}

remove_control_groups() {
    local group
    # A group goes when its last process has been buried, which takes a moment.
    for group in /sys/fs/cgroup/"$NAME" /sys/fs/cgroup/*/"$NAME"; do
        [[ ! -d $group ]] || within 5 remove_group "$group" || say "left behind: $group"
    done
}

remove_group() {
    find "$1" -depth -type d -exec rmdir {} + && [[ ! -d $1 ]]
}
