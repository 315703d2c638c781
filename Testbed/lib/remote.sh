# testbed start remote: the engine for other machines, over TLS by its own server and over an sshd
# whose one account may bring the engine's socket to itself. Restarts the engine.
# shellcheck shell=bash disable=SC2154

# What dockerd is told besides, once it listens for other machines.
remote_hosts() {
    [[ -e $dir/remote/certificates ]] || return 0
    printf '%s\n' --host tcp://0.0.0.0:2376 --tlsverify --tlscacert "$dir/ca/own/ca.crt" \
        --tlscert "$dir/ca/$(engine_certificate).crt" --tlskey "$dir/ca/$(engine_certificate).key"
}

# What the engine says it is to other machines.
engine_certificate() { [[ -e $dir/remote/expired ]] && echo server-expired || echo server; }

issue_engine_certificates() {
    [[ ! -e $dir/remote/certificates ]] || return 0
    ensure_certificates
    make_authority stranger
    issue engine-client clientAuth "DNS:client.test" own
    issue engine-expired clientAuth "DNS:client.test" own \
        -startdate 20240101000000Z -enddate 20240201000000Z
    issue engine-stranger clientAuth "DNS:client.test" stranger
    issue server-expired serverAuth "IP:$address" own \
        -startdate 20240101000000Z -enddate 20240201000000Z
    touch "$dir/remote/certificates"
}

# `engine` is another name of root in the node, who may use its socket.
engine_sshd_configuration() {
    cat <<SSHD
Port 2224
HostKey $dir/remote/host_ed25519
AddressFamily inet
PidFile none
AuthorizedKeysFile $dir/remote/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers engine
AllowStreamLocalForwarding local
PermitTTY no
PrintMotd no
SSHD
}

start_engine_ssh() {
    local remote=$dir/remote
    if [[ ! -e $remote/known_hosts ]]; then
        make_key "$remote/host_ed25519" ed25519
        make_key "$remote/id_ed25519" ed25519
        make_key "$remote/id_stranger" ed25519
        # As the documentation tells operators to let Gyre in.
        echo "restrict,port-forwarding,command=\"cat\" $(cat "$remote/id_ed25519.pub")" \
            >"$remote/authorized_keys"
        echo "[$address]:2224 $(cut -d' ' -f1,2 "$remote/host_ed25519.pub")" \
            >"$remote/known_hosts"
    fi
    prepare_node_for_sshd
    # shellcheck disable=SC2016
    inside bash -c 'grep -q ^engine: /etc/passwd \
        || echo "engine:*:0:0::/:/bin/sh" >>/etc/passwd'
    engine_sshd_configuration >"$dir/remote/sshd.conf"
    serve sshd-remote sshd -D -e -f "$dir/remote/sshd.conf"
    wait_for_port sshd-remote 2224
}

start_remote() {
    if ! runs remote sshd-remote; then
        mkdir -p "$dir/remote"
        issue_engine_certificates
        start_engine_ssh
        stop_engine TERM
        start_engine
        wait_for_port engine 2376
    fi
    publish_settings remote <<ENV
GYRE_TEST_ENGINE_TCP=tcp://$address:2376
GYRE_TEST_ENGINE_CA=$dir/ca/own/ca.crt
GYRE_TEST_ENGINE_CA_UNKNOWN=$dir/ca/stranger/ca.crt
GYRE_TEST_ENGINE_CERT=$dir/ca/engine-client
GYRE_TEST_ENGINE_CERT_EXPIRED=$dir/ca/engine-expired
GYRE_TEST_ENGINE_CERT_STRANGER=$dir/ca/engine-stranger
GYRE_TEST_ENGINE_SSH=ssh://engine@$address:2224$dir/docker.sock
GYRE_TEST_ENGINE_KEY=$dir/remote/id_ed25519
GYRE_TEST_ENGINE_KEY_STRANGER=$dir/remote/id_stranger
GYRE_TEST_ENGINE_KNOWN_HOSTS=$dir/remote/known_hosts
ENV
}

# testbed expire-certificate, renew-certificate: an engine reads its own when it starts.
show_certificate() {
    [[ -e $dir/remote/certificates ]] || fail "not for other machines yet: testbed start remote"
    if [[ $1 == expired ]]; then touch "$dir/remote/expired"; else rm -f "$dir/remote/expired"; fi
    stop_engine TERM
    start_engine
    wait_for_port engine 2376
}

# The engine stays, as it was, for this machine alone.
stop_remote() {
    end_process sshd-remote
    rm -f "$dir/remote/certificates" "$dir/remote/expired"
    stop_engine TERM
    start_engine
}
