# testbed images: builds the test images from Debian packages and keeps them as the storage
# directory of a registry, so that a testbed has them the moment it is up.
# shellcheck shell=bash disable=SC2154

# repository:tag of everything there is; the tags of one build name the same image.
image_tags=(
    busybox:1.35 busybox:latest web:1.0 web:2.0 web:latest httpd:2.4 httpd:latest mysql:latest
)

base_packages=(bash libpcre2-8-0 libssl3 zlib1g)
httpd_packages=(apache2-bin media-types)
mysql_packages=(mariadb-server-core mariadb-client-core)
# Dependencies that only maintainer scripts, or modules that are not used, need.
unneeded="perl perl-base perl-modules-* libperl* libgdbm* libdb5* libicu* libxml2 dpkg tar mawk
    debianutils gcc-*-base"

# A change of the scripts, the release or the architecture is another set of images.
images_key() {
    {
        (cd "$here" && find images lib/images.sh -type f | LC_ALL=C sort | xargs sha256sum)
        cat /etc/debian_version
        uname -m
    } | sha256sum | cut -c1-16
}

images_directory() { echo "$(cache_directory)/testbed-images-$(images_key)"; }

registry_program() {
    command -v docker-registry || echo "${building:-$(images_directory)}/bin/docker-registry"
}

# --- Root file systems ---------------------------------------------------------------------

# closure LIST PACKAGE...: the .deb files of packages with all they depend on, fetched, and
# their paths in the file LIST. An empty status file makes apt solve for an empty machine, with
# this machine's own sources and keys.
closure() {
    local list=$1
    shift
    local apt_state=(
        -o "Dir::State::status=$work/status" -o "Dir::Cache::archives=$debs/"
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300
    )
    : >"$work/status"
    apt-get -qq -y "${apt_state[@]}" --download-only install "$@" >"$work/apt.log" 2>&1 \
        || { cat "$work/apt.log" >&2; return 1; }
    apt-get -qq -y "${apt_state[@]}" -s install "$@" >"$work/solved"
    # Inst bash (5.2.15-2+b2 Debian:12.9/stable [amd64])
    local _ package version architecture pattern
    while read -r _ package version architecture; do
        for pattern in $unneeded; do
            # shellcheck disable=SC2053
            [[ $package != $pattern ]] || continue 2
        done
        echo "$debs/${package}_${version//:/%3a}_$architecture.deb"
    done < <(sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\([a-z0-9-]*\)\]).*/Inst \1 \2 \3/p' \
        "$work/solved") | LC_ALL=C sort >"$list"
    [[ -s $list ]] || fail "apt solved nothing for $*"
}

# unpack ROOT DEB...
unpack() {
    local root=$1 deb
    shift
    mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
    ln -sfn usr/bin "$root/bin"; ln -sfn usr/sbin "$root/sbin"
    ln -sfn usr/lib "$root/lib"; ln -sfn usr/lib64 "$root/lib64"
    for deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root" --keep-directory-symlink \
            --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
            --exclude='./usr/share/locale/*' --exclude='./usr/share/lintian/*' \
            --exclude='./usr/share/bash-completion/*' --exclude='./usr/lib/systemd/*' \
            --exclude='./lib/systemd/*' --exclude='./usr/lib/*/gconv/*' --exclude='./etc/init.d/*'
    done
}

# pack ROOT CONTEXT: as the one file that the Dockerfile adds; same input, same bytes.
pack() {
    tar -c -C "$1" --sort=name --mtime=@0 --numeric-owner -f "$2/rootfs.tar" .
}

# Accounts, directories and the common commands, all from one static busybox.
lay_ground() {
    local root=$1 name
    mkdir -p "$root"/{etc,root,run,tmp,usr/bin,var/lib,var/log,proc,sys,dev}
    chmod 1777 "$root/tmp"
    ln -sfn /run "$root/var/run"
    cat >"$root/etc/passwd" <<'ACCOUNTS'
root:x:0:0:root:/root:/bin/sh
www-data:x:33:33:www-data:/var/www:/bin/false
mysql:x:999:999:mysql:/var/lib/mysql:/bin/false
nobody:x:65534:65534:nobody:/:/bin/false
ACCOUNTS
    printf 'root:x:0:\nwww-data:x:33:\nmysql:x:999:\nnogroup:x:65534:\n' >"$root/etc/group"
    printf 'hosts: files dns\npasswd: files\ngroup: files\n' >"$root/etc/nsswitch.conf"
    cp "$work/busybox.static" "$root/usr/bin/busybox"
    while read -r name; do
        # Keep what a package brought.
        [[ -e $root/usr/bin/$name || -L $root/usr/bin/$name ]] \
            || ln -s busybox "$root/usr/bin/$name"
    done < <("$work/busybox.static" --list)
}

# --- Building ------------------------------------------------------------------------------

prepare_tools() {
    local deb
    mkdir -p "$work/tools" "$building/bin"
    closure "$work/tools.list" busybox-static docker-registry
    while read -r deb; do
        dpkg-deb -x "$deb" "$work/tools"
    done < <(grep -E '/(busybox-static|docker-registry)_' "$work/tools.list")
    cp "$(find "$work/tools" -type f -path '*/bin/busybox')" "$work/busybox.static"
    cp "$(find "$work/tools" -type f -path '*/bin/docker-registry')" "$building/bin/"
}

prepare_contexts() {
    local name base httpd mysql
    for name in base busybox web httpd mysql; do
        mkdir -p "$work/$name.root"
        cp -a "$here/images/$name" "$work/$name"
    done

    # busybox's image is only that; web is put on top of it.
    mkdir -p "$work/busybox.root/usr/bin"
    ln -s usr/bin "$work/busybox.root/bin"
    lay_ground "$work/busybox.root"
    pack "$work/busybox.root" "$work/busybox"
    gcc -static -O2 -Wall -Wextra -s -o "$work/web/web" "$here/images/web/web.c" \
        2>"$work/gcc.log" || { cat "$work/gcc.log" >&2; return 1; }

    closure "$work/base.list" "${base_packages[@]}"
    closure "$work/httpd.list" "${httpd_packages[@]}"
    closure "$work/mysql.list" "${mysql_packages[@]}"
    mapfile -t base <"$work/base.list"
    mapfile -t httpd < <(LC_ALL=C comm -13 "$work/base.list" "$work/httpd.list")
    mapfile -t mysql < <(LC_ALL=C comm -13 "$work/base.list" "$work/mysql.list")

    unpack "$work/base.root" "${base[@]}"
    lay_ground "$work/base.root"
    pack "$work/base.root" "$work/base"

    unpack "$work/httpd.root" "${httpd[@]}"
    mkdir -p "$work/httpd.root/var/www/html"
    echo "<html><body><h1>It works!</h1></body></html>" \
        >"$work/httpd.root/var/www/html/index.html"
    pack "$work/httpd.root" "$work/httpd"

    unpack "$work/mysql.root" "${mysql[@]}"
    rm -rf "$work"/mysql.root/etc/mysql/*
    mkdir -p "$work"/mysql.root/{run/mysqld,var/lib/mysql}
    chown 999:999 "$work"/mysql.root/{run/mysqld,var/lib/mysql}
    pack "$work/mysql.root" "$work/mysql"
}

engine() { DOCKER_CONFIG="$work" DOCKER_BUILDKIT=0 docker -H "unix://$dir/docker.sock" "$@"; }

build() {
    local name=$1 tag=$2
    shift 2
    engine build -q --force-rm -t "$tag" "$@" "$work/$name" >"$work/build.log" 2>&1 \
        || { cat "$work/build.log" >&2; return 1; }
}

build_images() {
    build busybox busybox:1.35
    build web web:1.0 --build-arg VERSION=1.0
    build web web:2.0 --build-arg VERSION=2.0
    build base testbed/base
    build httpd httpd:2.4
    build mysql mysql:latest
    engine tag busybox:1.35 busybox:latest
    engine tag web:2.0 web:latest
    engine tag httpd:2.4 httpd:latest
}

# Into the registry, as Docker Hub's own names; and as files, for an engine that is not ours.
publish_images() {
    local image id
    mkdir -p "$building/archive"
    for image in "${image_tags[@]}"; do
        engine tag "$image" "127.0.0.1:$port_of_registry/library/$image"
        engine push -q "127.0.0.1:$port_of_registry/library/$image" >/dev/null
        id=$(engine image inspect --format '{{.Id}}' "$image")
        id=${id#sha256:}
        # By id, so that loading it moves nobody's tag.
        [[ -e $building/archive/$id.tar.gz ]] \
            || engine save "$id" | gzip -1 >"$building/archive/$id.tar.gz"
        echo "$image $id" >>"$building/tags"
        echo "$image $(engine image inspect --format '{{.Size}}' "$image")" >>"$building/sizes"
    done
}

build_everything() {
    local final=$1
    need_root images
    building=$final.partial
    work=$building/work debs=$(cache_directory)/debs
    rm -rf "$building"
    mkdir -p "$work" "$debs/partial" "$building/registry"
    [[ -n $(apt-cache policy apache2-bin) ]] || apt-get -qq -o DPkg::Lock::Timeout=300 update
    say "images: fetching packages"
    prepare_tools
    say "images: unpacking"
    prepare_contexts
    say "images: building in a testbed of their own"
    new_directory
    node_up "$building/registry" rw
    build_images
    say "images: storing"
    publish_images
    node_down
    dir=''
    rm -rf "$work"
    mv "$building" "$final"
}

# Builds unless it was done before. In a shell of its own, so that what it sets and traps stays
# there; under a lock, so that two builds don't meet.
ensure_images() {
    local final
    final=$(images_directory)
    mkdir -p "$(cache_directory)"
    (
        exec 9>"$(cache_directory)/testbed.lock"
        flock 9
        # Sets of images that no run has touched for a week belong to old scripts.
        find "$(cache_directory)" -maxdepth 1 -name 'testbed-images-*' -mtime +7 \
            ! -path "$final" -exec rm -rf {} +
        if [[ ! -d $final ]]; then
            dir=''
            trap '[[ -z $dir ]] || node_down; rm -rf "$final.partial"' EXIT
            build_everything "$final" 9>&-
        fi
    )
    touch "$final"
}

images_command() {
    ensure_images
    say "images are in $(images_directory)"
    awk '{ printf "  %-16s %6.1f MB\n", $1, $2 / 1e6 }' "$(images_directory)/sizes"
}
