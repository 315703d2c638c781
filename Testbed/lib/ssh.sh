# testbed start ssh: DIR/git over ssh. One sshd with two host keys, one with only RSA; the
# user `git` exists in the node alone and may run git's services on DIR/git and nothing else.
# shellcheck shell=bash disable=SC2154

# make_key FILE TYPE
make_key() {
    rm -f "$1" "$1.pub"
    ssh-keygen -q -t "$2" -b 2048 -N "" -C testbed -f "$1"
}

make_host_keys() {
    make_key "$dir/ssh/host_ed25519" ed25519
    make_key "$dir/ssh/host_rsa" rsa
}

make_user_keys() {
    local ssh=$dir/ssh
    make_key "$ssh/id_ed25519" ed25519
    make_key "$ssh/id_rsa" rsa
    make_key "$ssh/id_stranger" ed25519
    cat "$ssh"/id_{ed25519,rsa}.pub >"$ssh/authorized_keys"
}

# The node's /etc is a copy, its /run is empty. `git` is another name of root, so that whoever
# made a repository, it can be pushed to; all that sshd lets it do is the forced command.
prepare_node_for_sshd() {
    # shellcheck disable=SC2016
    inside bash -c '
        mkdir -p /run/sshd
        grep -q ^sshd: /etc/passwd || echo "sshd:x:65533:65534::/run/sshd:/bin/false" >>/etc/passwd
        grep -q ^git: /etc/passwd || echo "git:*:0:0::$0:/bin/bash" >>/etc/passwd
    ' "$dir/git"
}

# sshd_configuration PORTS HOST-KEYS
sshd_configuration() {
    local part
    for part in $1; do echo "Port $part"; done
    for part in $2; do echo "HostKey $dir/ssh/host_$part"; done
    cat <<SSHD
AddressFamily inet
PidFile none
AuthorizedKeysFile $dir/ssh/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers git
AcceptEnv GIT_PROTOCOL
DisableForwarding yes
PermitTTY no
PrintMotd no
MaxStartups 100
ForceCommand $dir/programs/testbed/git-command $dir
SSHD
}

run_sshd() {
    serve "$1" sshd -D -e -f "$dir/ssh/$1.conf"
    wait_for_port "$1" "$2"
}

run_ssh() {
    sshd_configuration "22 2222" "ed25519 rsa" >"$dir/ssh/sshd.conf"
    sshd_configuration 2223 rsa >"$dir/ssh/sshd-rsa.conf"
    run_sshd sshd 2222
    run_sshd sshd-rsa 2223
}

# What a careful operator would have in known_hosts: every port with all its keys.
write_known_hosts() {
    local ed rsa
    ed=$(cut -d' ' -f1,2 "$dir/ssh/host_ed25519.pub")
    rsa=$(cut -d' ' -f1,2 "$dir/ssh/host_rsa.pub")
    cat >"$dir/ssh/known_hosts" <<KNOWN
$address,git.test $ed
$address,git.test $rsa
[$address]:2222,[git.test]:2222 $ed
[$address]:2222,[git.test]:2222 $rsa
[$address]:2223,[git.test]:2223 $rsa
KNOWN
}

start_ssh() {
    if runs ssh sshd sshd-rsa; then
        cat "$dir/env.d/ssh"
        return
    fi
    stop_ssh
    mkdir -p "$dir/ssh"
    if [[ ! -e $dir/ssh/known_hosts ]]; then
        make_user_keys
        make_host_keys
        write_known_hosts
    fi
    trust_repositories
    prepare_node_for_sshd
    run_ssh
    publish_ssh
}

publish_ssh() {
    publish_settings ssh <<ENV
GYRE_TEST_SSH=ssh://git@$address:2222
GYRE_TEST_SSH_SCP=git@$address:
GYRE_TEST_SSH_RSA=ssh://git@$address:2223
GYRE_TEST_SSH_KEY=$dir/ssh/id_ed25519
GYRE_TEST_SSH_KEY_RSA=$dir/ssh/id_rsa
GYRE_TEST_SSH_KEY_STRANGER=$dir/ssh/id_stranger
GYRE_TEST_SSH_KNOWN_HOSTS=$dir/ssh/known_hosts
GYRE_TEST_SSH_LOG=$dir/ssh.requests
ENV
}

stop_ssh() {
    end_process sshd
    end_process sshd-rsa
}

# testbed change-host-key: known_hosts stays as it was, and is wrong from now on.
change_host_key() {
    [[ -e $dir/ssh/known_hosts ]] || fail "no ssh server yet: testbed start ssh"
    stop_ssh
    make_host_keys
    run_ssh
}

# testbed trust-host-key: the operator accepts the new key.
trust_host_key() {
    [[ -e $dir/ssh/known_hosts ]] || fail "no ssh server yet: testbed start ssh"
    write_known_hosts
}
