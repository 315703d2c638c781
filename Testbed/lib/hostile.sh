# testbed start hostile: git servers that misbehave, each in its own way. servers/hostile.py
# has them.
# shellcheck shell=bash disable=SC2154

port_of_hostile=8460

start_hostile() {
    if runs hostile hostile; then
        cat "$dir/env.d/hostile"
        return
    fi
    stop_hostile
    ensure_certificates
    trust_repositories
    spawn hostile env PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
        "$dir/programs/testbed/hostile.py" "$dir" "$address" "$other" "$port_of_hostile"
    # It opens this port last.
    wait_for_port hostile "$port_of_hostile"
    publish_settings hostile <<ENV
GYRE_TEST_CA=$dir/ca/own/ca.crt
GYRE_TEST_HOSTILE=https://$address:$port_of_hostile
GYRE_TEST_HOSTILE_SILENT=$address:$((port_of_hostile + 2))
GYRE_TEST_HOSTILE_DRIP=$address:$((port_of_hostile + 3))
GYRE_TEST_HOSTILE_CUT=$address:$((port_of_hostile + 4))
GYRE_TEST_HOSTILE_FLOOD=$address:$((port_of_hostile + 5))
GYRE_TEST_HOSTILE_GREET=$address:$((port_of_hostile + 6))
GYRE_TEST_HOSTILE_OTHER=$other
GYRE_TEST_HOSTILE_LOG=$dir/hostile.requests
ENV
}

stop_hostile() { end_process hostile; }
