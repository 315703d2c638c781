# testbed up --engine: tests against an engine that somebody else runs. Nothing is started and
# nothing is changed there, but that our own images are loaded where a tag is missing; `down`
# takes these tags away again.
# shellcheck shell=bash disable=SC2154

borrowed_up() {
    local engine=$1 image id archive
    [[ $engine == unix:///* ]] || fail "--engine takes unix:///path/of.sock, not $engine"
    curl -sf --noproxy '*' --max-time 10 --unix-socket "${engine#unix://}" \
        http://engine/_ping >/dev/null \
        || fail "no engine answers at $engine"
    printf 'KIND=user\nENGINE=%s\n' "$engine" >"$dir/state"
    ensure_images
    archive=$(images_directory)/archive
    while read -r image id; do
        if docker -H "$engine" image inspect "$image" >/dev/null 2>&1; then
            say "$image is there already and stays as it is"
            continue
        fi
        docker -H "$engine" image inspect "$id" >/dev/null 2>&1 \
            || gzip -dc "$archive/$id.tar.gz" | docker -H "$engine" load -q >/dev/null
        echo "$image" >>"$dir/tagged"
        docker -H "$engine" tag "$id" "$image"
        say "$image loaded"
    done <"$(images_directory)/tags"
    make_home
    cat >"$dir/env" <<ENV
GYRE_TEST_DIR=$dir
GYRE_TEST_ENGINE=$engine
GYRE_TEST_HOST=127.0.0.1
GYRE_TEST_HOMEDIR=$dir/home/fred
ENV
}

# Removes the tags that `up` made, and with its last tag an image goes too.
borrowed_down() {
    local image
    [[ -s $dir/tagged ]] || return 0
    while read -r image; do
        docker -H "$ENGINE" image rm "$image" >/dev/null 2>"$dir/untagged" \
            || say "left behind on $ENGINE: $(tail -n 1 "$dir/untagged")"
    done <"$dir/tagged"
}

# testbed sweep CONTROLLER: everything on the engine that bears its label, and the volumes without
# a name that its containers use.
sweep_command() {
    [[ $# == 1 && -n $1 ]] || fail "usage: testbed sweep CONTROLLER"
    require_directory
    load_state || fail "no testbed in $dir"
    local label=label=io.gyre.controller=$1 kind
    docker -H "$ENGINE" ps -aq --filter "$label" \
        | xargs -r docker -H "$ENGINE" rm -f -v >/dev/null
    for kind in network volume; do
        docker -H "$ENGINE" "$kind" ls -q --filter "$label" \
            | xargs -r docker -H "$ENGINE" "$kind" rm >/dev/null
    done
}
