# testbed start, stop: servers that a test asks for. They run in the node, so that their ports
# meet nobody's, and end with it. What they add to DIR/env stands in DIR/env.d/SERVER.
# shellcheck shell=bash disable=SC2154

server_names='https ssh hostile proxy registry mirror remote'

# --- Programs ------------------------------------------------------------------------------
# Nothing of these is installed: a web server and an sshd would start with the machine. They
# are unpacked below the cache, unless the machine has them anyway.

server_programs='
nginx nginx
fcgiwrap fcgiwrap
sshd openssh-server
tinyproxy tinyproxy-bin
'

programs_directory() {
    # shellcheck disable=SC1091
    echo "$(cache_directory)/testbed-$(. /etc/os-release; echo "$ID-${VERSION_ID:-}")-$(uname -m)$(
        missing_programs | sed 's/^/-/' | tr -d '\n')"
}

missing_programs() {
    local command package
    while read -r command package; do
        [[ -z $command ]] || command -v "$command" >/dev/null || echo "$package"
    done <<<"$server_programs"
}

# The .deb files that the packages need beyond what the machine has. An upgrade of what is
# there is not needed: "Inst openssh-client [old] (new ...)" is passed over.
download_programs() {
    local new
    mapfile -t new < <(apt-get -s -o APT::Install-Recommends=false install "$@" \
        | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p')
    ((${#new[@]})) && cd "$debs" && apt-get -qq -o APT::Sandbox::User=root download "${new[@]}"
}

# Once and for all testbeds, under a lock as others may be at it.
ensure_programs() {
    local final packages deb debs log
    mapfile -t packages < <(missing_programs)
    ((${#packages[@]})) || return 0
    final=$(programs_directory) debs=$(programs_directory).partial
    mkdir -p "$(cache_directory)"
    (
        exec 9>"$(cache_directory)/testbed-servers.lock"
        flock 9
        [[ ! -d $final ]] || exit 0
        say "fetching ${packages[*]}"
        rm -rf "$debs"
        mkdir -p "$debs/tree"
        log=$debs/log
        (download_programs "${packages[@]}") >"$log" 2>&1 \
            || { apt-get -qq -o DPkg::Lock::Timeout=300 update \
                && (download_programs "${packages[@]}"); } >>"$log" 2>&1 \
            || { cat "$log" >&2; fail "apt-get could not fetch ${packages[*]}"; }
        for deb in "$debs"/*.deb; do dpkg-deb -x "$deb" "$debs/tree"; done
        rm -rf "$debs/tree"/{etc,var,usr/share}
        mv "$debs/tree" "$final"
        rm -rf "$debs"
    )
}

# Programs and scripts where the node sees them too: it has another /home than the machine.
lay_programs() {
    ensure_programs
    [[ ! -d $dir/programs ]] || return 0
    rm -rf "$dir/programs.partial"
    mkdir -p "$dir/programs.partial"
    [[ ! -d $(programs_directory) ]] || cp -a "$(programs_directory)/." "$dir/programs.partial/"
    cp -a "$here/servers" "$dir/programs.partial/testbed"
    mv "$dir/programs.partial" "$dir/programs"
}

program() {
    command -v "$1" || find "$dir/programs" -type f -path "*/*bin/$1" -print -quit | grep . \
        || fail "no $1; run testbed install"
}

# serve NAME PROGRAM ARGUMENT...: in the node, with the libraries that came along.
serve() {
    local name=$1 path libraries
    path=$(program "$2")
    libraries=$(find "$dir/programs" -type d -path '*/lib/*-linux-*' -prune | paste -sd:)
    shift 2
    spawn "$name" env "LD_LIBRARY_PATH=$libraries" "$path" "$@"
}

# --- The node from outside -----------------------------------------------------------------

# Repositories may belong to whoever made them; the node's /etc is a copy.
trust_repositories() { inside git config --system --replace-all safe.directory '*'; }

answers_on() { timeout 2 bash -c "exec 3<>/dev/tcp/$1/$2"; }

# wait_for_port SERVER PORT: until it listens, or has ended.
wait_for_port() {
    within 20 eval "gone '$dir/$1.pid' || answers_on $address $2"
    if gone "$dir/$1.pid" || ! answers_on "$address" "$2" 2>/dev/null; then
        tail -n 20 "$dir/$1.log" >&2
        fail "$1 does not listen on port $2"
    fi
}

# A start that was killed midway may have left a process that nobody remembers; a process of
# this node it is then.
adopt() {
    local pid init
    [[ ! -s $dir/$1.pid && -s $dir/$1.outside ]] || return 0
    pid=$(cat "$dir/$1.outside")
    init=$(alive "$dir/init.pid") || return 0
    [[ $(readlink "/proc/$pid/ns/pid") != $(readlink "/proc/$init/ns/pid") ]] \
        || remember "$dir/$1.pid" "$pid" || true
}

# runs SERVER NAME...: whether all its processes do, and their settings are in DIR/env.
runs() {
    local server=$1 name
    shift
    for name; do
        adopt "$name"
        ! gone "$dir/$name.pid" || return 1
    done
    [[ -e $dir/env.d/$server ]]
}

# end_process NAME: with its children, as `spawn` made it the first of a group.
end_process() {
    local file=$dir/$1.pid pid
    adopt "$1"
    pid=$(alive "$file") || return 0
    kill -TERM -- "-$pid"
    within 10 gone "$file" || kill -KILL -- "-$pid" || true
    within 10 gone "$file" || fail "$1 does not end"
}

# --- Certificates --------------------------------------------------------------------------

# make_authority NAME: a CA of its own in DIR/ca/NAME, with the little that `openssl ca` wants.
make_authority() {
    local ca=$dir/ca/$1
    mkdir -p "$ca/issued"
    : >"$ca/index"
    cat >"$ca/openssl.cnf" <<CONF
[ca]
default_ca = default
[default]
database = $ca/index
new_certs_dir = $ca/issued
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
copy_extensions = copy
x509_extensions = leaf
[anything]
commonName = supplied
[leaf]
basicConstraints = critical,CA:false
authorityKeyIdentifier = keyid
[req]
distinguished_name = empty
[empty]
CONF
    openssl req -x509 -config "$ca/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
        -nodes -keyout "$ca/ca.key" -out "$ca/ca.crt" -days 30 -subj "/CN=Testbed CA $1" \
        -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign \
        -addext subjectKeyIdentifier=hash 2>/dev/null
}

# issue NAME USE SUBJECT-ALTERNATIVE-NAMES AUTHORITY [ARGUMENT OF openssl ca...]
issue() {
    local name=$1 use=$2 names=$3 ca=$dir/ca/$4
    shift 4
    (($#)) || set -- -days 30
    openssl req -new -config "$ca/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
        -nodes -keyout "$dir/ca/$name.key" -out "$dir/ca/$name.csr" -subj "/CN=$name" \
        -addext "subjectAltName=$names" -addext "extendedKeyUsage=$use" 2>/dev/null
    openssl ca -batch -notext -config "$ca/openssl.cnf" -keyfile "$ca/ca.key" -cert "$ca/ca.crt" \
        -in "$dir/ca/$name.csr" -out "$dir/ca/$name.crt" "$@" 2>"$dir/ca/log" \
        || { cat "$dir/ca/log" >&2; fail "openssl could not issue $name"; }
}

# The authority of this testbed and the certificate that is right for every way to reach it.
ensure_certificates() {
    [[ ! -e $dir/ca/done ]] || return 0
    rm -rf "$dir/ca"
    make_authority own
    issue server serverAuth \
        "DNS:git.test,DNS:registry.test,DNS:other.test,IP:$address,IP:$other" own
    touch "$dir/ca/done"
}

# --- Start and stop ------------------------------------------------------------------------

# Lines for DIR/env from standard input: publish_settings SERVER
publish_settings() {
    mkdir -p "$dir/env.d"
    cat >"$dir/env.d/.$1" && mv "$dir/env.d/.$1" "$dir/env.d/$1"
    export_environment
    cat "$dir/env.d/$1"
}

# One start or stop at a time in a testbed; tests run side by side.
lock_servers() {
    exec 7>"$dir/servers.lock"
    flock -w 120 7 || fail "another start or stop takes too long"
}

known_server() {
    [[ $# == 1 && " $server_names " == *" $1 "* ]] \
        || fail "usage: testbed $command ${server_names// /|}"
}

start_command() {
    known_server "$@"
    require_directory; require_own; need_root start
    [[ -z $RELEASE || $1 == mirror ]] || fail "$1 is not for an engine of another release"
    lock_servers
    lay_programs
    "start_$1"
}

stop_command() {
    known_server "$@"
    require_directory; require_own; need_root stop
    lock_servers
    "stop_$1"
}

# A command with the testbed's names in its /etc/hosts; everything else is the machine's.
run_command() {
    require_directory; require_own; need_root run
    (($#)) || fail "usage: testbed run -- COMMAND..."
    # shellcheck disable=SC2016
    exec unshare --mount --propagation slave \
        bash -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$dir/hosts" "$@"
}
