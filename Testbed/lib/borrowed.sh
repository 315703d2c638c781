# testbed up --engine: tests against an engine that somebody else runs. Nothing is started and
# nothing is changed there, but that our own images are loaded where a tag is missing.
# shellcheck shell=bash disable=SC2154

borrowed_up() {
    local engine=$1 image id archive
    [[ $engine == unix:///* ]] || fail "--engine takes unix:///path/of.sock, not $engine"
    curl -sf --noproxy '*' --max-time 10 --unix-socket "${engine#unix://}" \
        http://engine/_ping >/dev/null \
        || fail "no engine answers at $engine"
    ensure_images
    archive=$(images_directory)/archive
    while read -r image id; do
        if docker -H "$engine" image inspect "$image" >/dev/null 2>&1; then
            say "$image is there already and stays as it is"
            continue
        fi
        docker -H "$engine" image inspect "$id" >/dev/null 2>&1 \
            || gzip -dc "$archive/$id.tar.gz" | docker -H "$engine" load -q >/dev/null
        docker -H "$engine" tag "$id" "$image"
        say "$image loaded"
    done <"$(images_directory)/tags"
    printf 'KIND=user\nENGINE=%s\n' "$engine" >"$dir/state"
    cat >"$dir/env" <<ENV
GYRE_TEST_DIR=$dir
GYRE_TEST_ENGINE=$engine
GYRE_TEST_HOST=127.0.0.1
ENV
}
