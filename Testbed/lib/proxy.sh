# testbed start proxy: tinyproxy, which connects to any port for everybody.
# shellcheck shell=bash disable=SC2154

port_of_proxy=8888

start_proxy() {
    if runs proxy proxy; then
        cat "$dir/env.d/proxy"
        return
    fi
    stop_proxy
    cat >"$dir/proxy.conf" <<CONF
Port $port_of_proxy
Listen $address
Timeout 600
MaxClients 100
LogFile "$dir/proxy.requests"
LogLevel Connect
CONF
    serve proxy tinyproxy -d -c "$dir/proxy.conf"
    wait_for_port proxy "$port_of_proxy"
    publish_settings proxy <<ENV
GYRE_TEST_PROXY=http://$address:$port_of_proxy
GYRE_TEST_PROXY_LOG=$dir/proxy.requests
ENV
}

stop_proxy() { end_process proxy; }
