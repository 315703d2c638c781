# An engine of another Debian release. Its programs, and what they are linked against, are
# unpacked below the cache, and a node that is asked for it has them in place of the machine's
# own /usr; nothing of them is installed.
# shellcheck shell=bash disable=SC2154

# What a node runs: the engine, and what node-init and this script call there.
release_packages=(
    docker.io iptables iproute2 bash coreutils util-linux mount hostname xz-utils procps
)

# A change of this script is another tree.
release_directory() {
    echo "$(cache_directory)/testbed-engine-$1-$(uname -m)-$(
        sha256sum <"$here/lib/release.sh" | cut -c1-16)"
}

# The archive that this machine's own packages come from; it has all releases.
archive_address() {
    # shellcheck disable=SC1091
    apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Identifier: Packages' \
        | awk -v release="$(. /etc/os-release; echo "$VERSION_CODENAME")" \
            '$1 == release { print $2; exit }'
}

# fetch_release RELEASE: its packages for an empty machine, in $work/debs.
fetch_release() {
    local address options
    (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download debian-archive-keyring) \
        || return 1
    # The newest one, for it knows the keys of releases that are newer than this machine.
    dpkg-deb -x "$work"/debian-archive-keyring_*.deb "$work/keyring"
    address=$(archive_address)
    [[ -n $address ]] || return 1
    printf 'deb [signed-by=%s] %s %s main\n' \
        "$work/keyring/usr/share/keyrings/debian-archive-keyring.gpg" "$address" "$1" \
        >"$work/sources.list"
    mkdir -p "$work"/{lists,debs}/partial
    : >"$work/status"
    options=(
        -qq -y -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$work/lists" -o "Dir::State::status=$work/status"
        -o "Dir::Cache::archives=$work/debs/" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root
    )
    apt-get "${options[@]}" update \
        && apt-get "${options[@]}" --download-only install "${release_packages[@]}"
}

# Once and for all testbeds, under a lock as others may be at it.
ensure_release() {
    local release=$1 final work name
    [[ $release =~ ^[a-z]+$ ]] || fail "a Debian release has a name such as trixie: $release"
    final=$(release_directory "$release") work=$final.partial
    (
        exec 9>"$(cache_directory)/testbed-engine.lock"
        flock 9
        [[ ! -d $final ]] || exit 0
        need_root up
        say "fetching the engine of Debian $release"
        rm -rf "$work"
        mkdir -p "$work/tree"
        fetch_release "$release" >"$work/log" 2>&1 \
            || { cat "$work/log" >&2; fail "apt-get could not fetch Debian $release's engine"; }
        unpack "$work/tree" "$work"/debs/*.deb
        # What the package's own script would have chosen.
        for name in ip{,6}tables{,-save,-restore}; do
            ln -sf xtables-nft-multi "$work/tree/usr/sbin/$name"
        done
        mv "$work/tree" "$final"
        rm -rf "$work"
    )
}
