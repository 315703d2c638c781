# Nodes of one Swarm. The first has a bridge in its network, on which all others have a cable, so
# that each reaches each; engines of before 25 can't be asked per task to keep privileges, so all
# have it in their configuration.
# shellcheck shell=bash disable=SC2154

# Called with the testbed up: makes a Swarm, with this node as its first manager.
found_swarm() {
    ip -n "$NAME" link add swarm type bridge
    ip -n "$NAME" address add "10.232.$NUMBER.1/24" dev swarm
    ip -n "$NAME" link set swarm up
    docker -H "$ENGINE" swarm init --advertise-addr "10.232.$NUMBER.1" \
        --task-history-limit 3 >/dev/null
}

# join_swarm DIR manager|worker: this node becomes one of the Swarm that was begun in DIR.
join_swarm() {
    local first=$1 role=$2 token first_name first_number first_engine
    first_name=$(. "$first/state"; echo "$NAME")
    first_number=$(. "$first/state"; echo "$NUMBER")
    first_engine=$(. "$first/state"; echo "$ENGINE")
    ip -n "$first_name" link add "to$NAME" type veth peer name swarm netns "$NAME"
    ip -n "$first_name" link set "to$NAME" master swarm
    ip -n "$first_name" link set "to$NAME" up
    ip -n "$NAME" address add "10.232.$first_number.$((NUMBER + 1))/24" dev swarm
    ip -n "$NAME" link set swarm up
    token=$(docker -H "$first_engine" swarm join-token -q "$role")
    docker -H "$ENGINE" swarm join --advertise-addr "10.232.$first_number.$((NUMBER + 1))" \
        --token "$token" "10.232.$first_number.1:2377" >/dev/null
}
