# Nodes of one Swarm. They have cables to a switch in a network namespace of its own, so that each
# reaches each whatever becomes of any of them: an engine's rules for what it forwards would hold
# for a bridge beside it. Engines of before 25 can't be asked per task to keep privileges, so all
# have it in their configuration.
# shellcheck shell=bash disable=SC2154

# Called with the testbed up: makes a Swarm, with this node as its first manager.
found_swarm() {
    ip netns add "${NAME}lan"
    ip -n "${NAME}lan" link add switch type bridge
    ip -n "${NAME}lan" link set switch up
    join_lan "$NAME" "$NUMBER"
    docker -H "$ENGINE" swarm init --advertise-addr "$lan_address" \
        --task-history-limit 3 >/dev/null
}

# join_lan NAME NUMBER: a cable to the switch of the node that began the Swarm.
join_lan() {
    lan_address=10.232.$2.$NUMBER
    ip -n "$1lan" link add "$NAME" type veth peer name swarm netns "$NAME"
    ip -n "$1lan" link set "$NAME" master switch
    ip -n "$1lan" link set "$NAME" up
    ip -n "$NAME" address add "$lan_address/24" dev swarm
    ip -n "$NAME" link set swarm up
}

# join_swarm DIR manager|worker: this node becomes one of the Swarm that was begun in DIR.
join_swarm() {
    local first=$1 role=$2 token first_number
    first_number=$(. "$first/state"; echo "$NUMBER")
    join_lan "gyre$first_number" "$first_number"
    token=$(docker -H "unix://$first/docker.sock" swarm join-token -q "$role")
    docker -H "$ENGINE" swarm join --advertise-addr "$lan_address" \
        --token "$token" "10.232.$first_number.$first_number:2377" >/dev/null
}
