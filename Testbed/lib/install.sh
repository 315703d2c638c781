# testbed install: what the build and the testbed need from the distribution, when it is missing.
# shellcheck shell=bash

# command and the package that has it
requirements='
dockerd docker.io
docker docker.io
docker-init docker.io
iptables iptables
ip iproute2
unshare util-linux
nsenter util-linux
flock util-linux
git git
curl curl
jq jq
gcc gcc
xz xz-utils
ssh openssh-client
openssl openssl
gpg gpg
gpg-agent gpg-agent
gpgv gpgv
perl perl-base
pkg-config pkg-config
/usr/bin/python3 python3
/usr/sbin/apache2 apache2-bin
/usr/sbin/sshd openssh-server
'

# library, as pkg-config knows it, and the package that has its headers
libraries='
libgit2 libgit2-dev
yaml-0.1 libyaml-dev
libcurl libcurl4-openssl-dev
sqlite3 libsqlite3-dev
'

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 -o APT::Install-Recommends=false "$@"
}

missing_packages() {
    local command library package
    while read -r command package; do
        [[ -z $command ]] || command -v "$command" >/dev/null || echo "$package"
    done <<<"$requirements"
    while read -r library package; do
        [[ -z $library ]] || pkg-config --exists "$library" 2>/dev/null || echo "$package"
    done <<<"$libraries"
    # Docker Compose, to compare with, is installed into an environment of its own.
    python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    # The static web server is linked against these.
    [[ -e /usr/include/stdio.h ]] || echo libc6-dev
    # Newer releases ship the client apart from the engine.
    if ! command -v docker >/dev/null && [[ -n $(apt-cache search --names-only '^docker-cli$') ]]
    then
        echo docker-cli
    fi
}

# While packages are installed no service may start: the testbed runs its own engine, and an
# engine in the host's network would be in nobody's interest. An answer that is already there
# is put back.
forbid_services() {
    policy=/usr/sbin/policy-rc.d
    [[ ! -e $policy ]] || mv "$policy" "$policy.testbed"
    trap allow_services EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

allow_services() {
    rm -f "$policy"
    [[ ! -e $policy.testbed ]] || mv "$policy.testbed" "$policy"
    trap - EXIT
}

install_command() {
    [[ -e /etc/debian_version ]] || fail "install knows Debian only; see README.md for the list"
    local packages log
    mapfile -t packages < <(missing_packages | sort -u)
    if ((${#packages[@]} == 0)); then
        say "nothing to install"
        ensure_programs
        return
    fi
    need_root install
    say "installing ${packages[*]}"
    log=$(mktemp)
    forbid_services
    # Nor may the machine let people in at its next boot because tests wanted a program.
    [[ " ${packages[*]} " != *" openssh-server "* ]] \
        || install -D /dev/null /etc/ssh/sshd_not_to_be_run
    if ! { apt update && apt install "${packages[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get failed"
    fi
    allow_services
    rm -f "$log"
    mapfile -t packages < <(missing_packages | sort -u)
    ((${#packages[@]} == 0)) || fail "still missing: ${packages[*]}"
    ensure_programs
}
