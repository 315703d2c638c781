# testbed start https: DIR/git over https, as nginx and git's own back end serve it, once for
# each thing that can be right or wrong about a certificate.
# shellcheck shell=bash disable=SC2154

https_user=fred https_password='s3cret:/@ %'

issue_https_certificates() {
    [[ ! -e $dir/https/certificates ]] || return 0
    ensure_certificates
    make_authority unknown
    issue by-address serverAuth "IP:$address" own
    issue by-name serverAuth DNS:git.test own
    issue unknown serverAuth "IP:$address,DNS:git.test" unknown
    issue expired serverAuth "IP:$address,DNS:git.test" own \
        -startdate 20240101000000Z -enddate 20240201000000Z
    issue client clientAuth "DNS:client.test" own
    touch "$dir/https/certificates"
}

# https_port PORT CERTIFICATE [DIRECTIVE...]: HTTP/2, or what $version says.
https_port() {
    cat <<NGINX
    server {
        listen $1 ssl $version;
        ssl_certificate $dir/ca/$2.crt;
        ssl_certificate_key $dir/ca/$2.key;
        ${*:3}
        include $dir/https/git.conf;
    }
NGINX
}

write_nginx_configuration() {
    local path version=http2 auth="auth_basic testbed; auth_basic_user_file $dir/https/users;"
    cat >"$dir/https/nginx.conf" <<NGINX
daemon off;
user root root;
worker_processes 1;
pid $dir/https/nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
    log_format testbed '\$server_port \$request_method \$request_uri \$status \$remote_user';
    access_log $dir/https.requests testbed;
$(for path in client_body proxy fastcgi uwsgi scgi; do
    echo "    ${path}_temp_path $dir/https/tmp;"
done)
    client_max_body_size 0;
    ssl_protocols TLSv1.2 TLSv1.3;
    server { listen 8440; include $dir/https/git.conf; }
$(https_port 8441 server
    version='' https_port 8442 server "$auth"
    https_port 8443 server "ssl_protocols TLSv1.3;"
    https_port 8444 by-address
    https_port 8445 by-name
    https_port 8446 unknown
    https_port 8447 expired
    https_port 8448 server \
        "ssl_verify_client on; ssl_client_certificate $dir/ca/own/ca.crt;"
    https_port 8449 server "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;")
}
NGINX
    cat >"$dir/https/git.conf" <<NGINX
location / {
    fastcgi_pass unix:$dir/https/git.sock;
    fastcgi_buffering off;
    fastcgi_read_timeout 300s;
    fastcgi_param SCRIPT_FILENAME $(git --exec-path)/git-http-backend;
    fastcgi_param GIT_PROJECT_ROOT $dir/git;
    fastcgi_param GIT_HTTP_EXPORT_ALL 1;
    fastcgi_param GIT_PROTOCOL \$http_git_protocol;
    fastcgi_param PATH_INFO \$uri;
    fastcgi_param QUERY_STRING \$query_string;
    fastcgi_param REQUEST_METHOD \$request_method;
    fastcgi_param CONTENT_TYPE \$content_type;
    fastcgi_param CONTENT_LENGTH \$content_length;
    fastcgi_param REMOTE_USER \$remote_user;
    fastcgi_param REMOTE_ADDR \$remote_addr;
}
NGINX
}

start_https() {
    if runs https nginx fcgiwrap; then
        cat "$dir/env.d/https"
        return
    fi
    stop_https
    mkdir -p "$dir/https/tmp"
    trust_repositories
    issue_https_certificates
    install -m 600 /dev/null "$dir/https/password"
    printf '%s' "$https_password" >"$dir/https/password"
    echo "$https_user:$(openssl passwd -apr1 "$https_password")" >"$dir/https/users"
    write_nginx_configuration
    rm -f "$dir/https/git.sock"
    serve fcgiwrap fcgiwrap -c 8 -s "unix:$dir/https/git.sock"
    serve nginx nginx -e stderr -p "$dir/https" -c "$dir/https/nginx.conf"
    wait_for_port nginx 8441
    publish_https
}

publish_https() {
    publish_settings https <<ENV
GYRE_TEST_CA=$dir/ca/own/ca.crt
GYRE_TEST_HTTPS=https://$address:8441
GYRE_TEST_HTTPS_AUTH=https://$address:8442
GYRE_TEST_HTTPS_USER=$https_user
GYRE_TEST_HTTPS_PASSWORD_FILE=$dir/https/password
GYRE_TEST_HTTPS_TLS13=https://$address:8443
GYRE_TEST_HTTPS_BY_ADDRESS=https://$address:8444
GYRE_TEST_HTTPS_BY_NAME=https://$address:8445
GYRE_TEST_HTTPS_UNKNOWN_CA=https://$address:8446
GYRE_TEST_HTTPS_EXPIRED=https://$address:8447
GYRE_TEST_HTTPS_CLIENT=https://$address:8448
GYRE_TEST_CLIENT_CERT=$dir/ca/client.crt
GYRE_TEST_CLIENT_KEY=$dir/ca/client.key
GYRE_TEST_HTTPS_TLS11=https://$address:8449
GYRE_TEST_HTTP=http://$address:8440
GYRE_TEST_HTTPS_LOG=$dir/https.requests
ENV
}

stop_https() {
    end_process nginx
    end_process fcgiwrap
}
