# testbed start registry, publish, unpublish: a registry with a password and a certificate, for
# a team's own images, beside the mirror that every testbed has.
# shellcheck shell=bash disable=SC2154

private_registry=registry.test:5443
registry_user=team registry_password='t0p:s3cret/@ %'

# trust_registry [DIR]: of the testbed in DIR. The engine looks there with each pull.
trust_registry() {
    # shellcheck disable=SC2016
    inside bash -c 'mkdir -p "$1" && cp "$0" "$1/ca.crt"' \
        "${1:-$dir}/ca/own/ca.crt" "/etc/docker/certs.d/$private_registry"
}

trust_command() {
    [[ $# == 1 ]] || fail "usage: testbed trust DIR"
    require_directory; require_own; need_root trust
    trust_registry "$1"
}

# The registry takes bcrypt alone, which is what perl's crypt makes of this salt.
write_registry_users() {
    local salt hash
    salt=$(openssl rand -hex 11)
    # shellcheck disable=SC2016
    hash=$(perl -e 'print crypt($ARGV[0], "\$2y\$05\$$ARGV[1]")' "$registry_password" "$salt")
    echo "$registry_user:$hash" >"$dir/private/users"
    install -m 600 /dev/null "$dir/private/password"
    printf '%s' "$registry_password" >"$dir/private/password"
    mkdir -p "$dir/private/docker"
    jq -n --arg host "$private_registry" --arg user "$registry_user:$registry_password" \
        '{auths: {($host): {auth: ($user | @base64)}}}' >"$dir/private/docker/config.json"
}

write_registry_configuration() {
    cat >"$dir/private/registry.yml" <<YAML
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $dir/private/data }, delete: { enabled: true } }
auth: { htpasswd: { realm: testbed, path: $dir/private/users } }
http:
  addr: "0.0.0.0:${private_registry#*:}"
  secret: "$(openssl rand -hex 16)"
  tls: { certificate: $dir/ca/server.crt, key: $dir/ca/server.key }
YAML
}

start_registry() {
    local program
    if runs registry private; then
        cat "$dir/env.d/registry"
        return
    fi
    stop_registry
    ensure_certificates
    mkdir -p "$dir/private/data"
    [[ -e $dir/private/docker/config.json ]] || write_registry_users
    write_registry_configuration
    trust_registry
    program=$(registry_in_node)
    OTEL_TRACES_EXPORTER=none spawn private "$program" serve "$dir/private/registry.yml"
    wait_for_port private "${private_registry#*:}"
    publish_settings registry <<ENV
GYRE_TEST_CA=$dir/ca/own/ca.crt
GYRE_TEST_PRIVATE_REGISTRY=$private_registry
GYRE_TEST_PRIVATE_REGISTRY_URL=https://$address:${private_registry#*:}
GYRE_TEST_PRIVATE_REGISTRY_USER=$registry_user
GYRE_TEST_PRIVATE_REGISTRY_PASSWORD_FILE=$dir/private/password
GYRE_TEST_PRIVATE_REGISTRY_CONFIG=$dir/private/docker
ENV
}

stop_registry() { end_process private; }
stop_mirror() { end_process mirror; }

# registry_tool COMMAND...: in the node, where both registries are.
registry_tool() {
    lay_programs
    inside env GYRE_TEST_CA="$dir/ca/own/ca.crt" PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
        "$dir/programs/testbed/registry.py" "$@"
}

# Docker Hub's names are the mirror's, all others the private registry's.
place_of() {
    [[ $1 == *:* ]] || fail "$1 has no tag"
    if [[ $1 == library/* ]]; then
        echo "http://127.0.0.1:$port_of_registry/$1"
    else
        gone "$dir/private.pid" && fail "the registry does not run: testbed start registry"
        echo "https://$registry_user:$(jq -rn --arg password "$registry_password" \
            '$password | @uri')@$private_registry/$1"
    fi
}

# publish_command IMAGE REFERENCE [--arch NAME] [--index]
publish_command() {
    require_directory; require_own; need_root publish
    [[ $# -ge 2 ]] || fail "usage: testbed publish IMAGE REFERENCE [--arch NAME] [--index]"
    local from to digest
    from=$(place_of "library/$1")
    to=$(place_of "$2")
    digest=$(registry_tool copy "${@:3}" "$from" "$to")
    echo "$2@$digest"
}

unpublish_command() {
    require_directory; require_own; need_root unpublish
    [[ $# == 1 ]] || fail "usage: testbed unpublish REFERENCE"
    local place
    place=$(place_of "$1")
    registry_tool delete "$place" >/dev/null
}
