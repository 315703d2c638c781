/// Labels of the ingress for a project that is granted `astro.example.org` and names that begin
/// with `astro`.
enum RoutingLabels {
    static let denied: [(String, String)] = rules.map { (rule, $0) } + settings

    private static let rule = "traefik.http.routers.astro.rule"
    private static let service = "traefik.http.services.astro.loadbalancer."
    private static let middleware = "traefik.http.middlewares.astro-x."

    private static let rules = [
        "", "Host", "Host()", "Host(astro.example.org)", "Host(`bio.example.org`)",
        "Host(`astro.example.org`, `bio.example.org`)", "Host(`astro.example.org`",
        "Host(`astro.example.org`) || Host(`bio.example.org`)",
        "Host(`astro.example.org`) || PathPrefix(`/`)", "!Host(`astro.example.org`)",
        "!(Host(`astro.example.org`) && Path(`/x`))", "PathPrefix(`/`)", "HostRegexp(`.*`)",
        "Host(`astro.example.org`) && HostRegexp(`.*`)", "Host(`*.astro.example.org`)",
        "Host(`evilastro.example.org`)", "Host(`astro.example.org.evil.org`)", "Host(``)",
        "Host(`example.org`)", "Host(`astro.example.org.`)", "Host(`.astro.example.org`)",
        "Host(`{sub:.*}.astro.example.org`)", "Host(`astro.example.org`) Host(`bio.org`)",
        "Host(`astro.example.org`) &| Path(`/`)", "HostHeader(`astro.example.org`)",
        "Host(\"astro.example.org\\\") || Host(\"bio.example.org\")",
        "Host(`astro.example.org`) && (Path(`/`)", "Host(`аstro.example.org`)",
        "Host(`astro.example.org`) && Path(`/`) || Path(`/x`)", "ClientIP(`0.0.0.0/0`)",
        "Host(`astro.example.org`) && Unknown(`x`)", "HostSNI(`astro.example.org`)",
        String(repeating: "(", count: 10_000), String(repeating: "!", count: 5000) + "Path(`/`)",
    ]

    private static let settings = [
        ("traefik.http.routers.x.rule", "Host(`astro.example.org`)"),
        ("traefik.HTTP.Routers.astro.RULE", "Host(`bio.example.org`)"),
        ("TRAEFIK.http.routers.bio.entrypoints", "web"),
        ("traefik.http.routers.api@internal.rule", "Host(`astro.example.org`)"),
        ("traefik.http.routers.astro@file.rule", "Host(`astro.example.org`)"),
        ("traefik.http.routers.astro.service", "api@internal"),
        ("traefik.http.routers.astro.service", "bio-web"),
        ("traefik.http.routers.astro.middlewares", "astro-auth,bio-auth"),
        ("traefik.http.routers.astro.middlewares", "astro-auth@file"),
        ("traefik.http.routers.astro.rulesyntax", "v2"),
        ("traefik.http.routers.astro.tls.domains[0].main", "bio.example.org"),
        ("traefik.http.routers.astro.tls.options", "weak@file"),
        ("traefik.http.services.bio-web.loadbalancer.server.port", "80"),
        ("traefik.http.services.astro.loadbalancer.server.url", "http://10.0.0.1"),
        ("traefik.http.services.astro.loadbalancer.servers[0].url", "http://10.0.0.1"),
        ("traefik.http.services.astro.weighted.services[0].name", "bio-web"),
        ("traefik.http.middlewares.bio-auth.basicauth.users", "x:y"),
        ("traefik.http.middlewares.astro.chain.middlewares", "bio-auth"),
        ("traefik.http.middlewares.astro.errors.service", "bio-web"),
        ("traefik.http.middlewares.astro.plugin.x.y", "z"),
        (service + "server.scheme", "http://bio_db_1:8080/x?"),
        (service + "server.scheme", "httpx"), (service + "server.port", "80@bio_db_1:8080"),
        (service + "server.port", "0"), (service + "server.port", "8080/"),
        (service + "server.weight", "1x"), (service + "server.tls", "maybe"),
        (service + "server", "x"), (service + "healthcheck.path", "//bio_db_1:8080/x"),
        (service + "healthcheck.path", "http://bio_db_1:8080/x"),
        (service + "healthcheck.path", "/\\bio_db_1"), (service + "healthcheck.path", ""),
        (service + "healthcheck.port", "80@bio"), (service + "healthcheck.scheme", "http://x?"),
        (service + "healthcheck.hostname", "a b"), (service + "healthcheck.url", "http://x"),
        (service + "unknown", "x"), ("traefik.http.services.astro.loadbalancer", "x"),
        (middleware + "forwardauth.address", "http://bio_db_1:8080/"),
        (middleware + "forwardauth.address", "https://astro.example.org:8080/"),
        (middleware + "forwardauth.address", "https://astro.example.org@bio/"),
        (middleware + "forwardauth.address", "https://bio.example.org/astro.example.org"),
        (middleware + "forwardauth.address", "//astro.example.org"),
        (middleware + "forwardauth.tls.ca", "/etc/ssl/private/x"),
        (middleware + "basicauth.usersFile", "/etc/shadow"),
        (middleware + "digestauth.usersfile", "/etc/shadow"),
        (middleware + "ratelimit.redis.endpoints", "bio_redis:6379"),
        (middleware + "unknown.x", "y"),
        ("traefik.tcp.routers.astro.rule", "HostSNI(`*`)"),
        ("traefik.udp.routers.astro.entrypoints", "dns"),
        ("traefik.tls.stores.default.defaultcertificate.certfile", "/x"),
        ("traefik.docker.network", "bio_web_default"), ("traefik.docker.lbswarm", "true"),
        ("Traefik.Enable", "yes"), ("traefik", ""), ("traefik.", ""), ("traefik.http", "x"),
        ("traefik.http.routers", "x"), ("traefik.http.routers.astro", "x"),
    ]

    /// By which the ingress would make up a host name.
    static let unruled: [[String: String]] = [
        ["traefik.enable": "true"], ["Traefik.Enable": "1"],
        ["traefik.http.routers.astro.entrypoints": "websecure"],
        ["traefik.enable": "T", "traefik.http.services.astro.loadbalancer.server.port": "80"],
        [rule: "Host(`astro.example.org`)", "traefik.http.routers.astro-b.priority": "1"],
    ]

    /// By which it makes up none.
    static let ruled: [[String: String]] = [
        ["traefik.enable": "true", rule: "Host(`astro.example.org`)"],
        ["traefik.ENABLE": "True", "traefik.HTTP.routers.Astro.RULE": "Host(`astro.example.org`)"],
        ["traefik.enable": "false", "traefik.http.routers.astro.entrypoints": "websecure"],
        ["traefik.http.services.astro.loadbalancer.server.port": "80"], [:],
    ]

    static let admitted: [(String, String)] = [
        (rule, "Host(`astro.example.org`)"), (rule, "Host(\"astro.example.org\")"),
        (rule, "Host(`Docs.Astro.example.org`) && PathPrefix(`/v2`)"),
        (rule, "Host(`astro.example.org`) || Host(`docs.astro.example.org`)"),
        (rule, "PathPrefix(`/a`) && (Host(`astro.example.org`) && !Path(`/a/b`))"),
        (rule, " ( Host(`astro.example.org`) )&&Header(`X-A`, `b`) && Query(`a`,`b`)"),
        (rule, "Host(`astro.example.org`) && (Method(`GET`) || ClientIP(`10.0.0.0/8`))"),
        ("traefik.enable", "true"), ("traefik.enable", "false"), ("traefik.enable", "True"),
        ("traefik.docker.network", "astro_default"),
        ("traefik.http.routers.astro-docs.entrypoints", "websecure"),
        ("traefik.http.routers.astro.tls.certresolver", "site"),
        ("traefik.http.routers.astro.tls", "true"),
        ("traefik.http.routers.astro.tls.domains[0].sans", "*.astro.example.org"),
        ("traefik.http.routers.astro.service", "astro-web"),
        ("traefik.http.routers.astro.middlewares", "astro-auth, astro-strip"),
        ("traefik.http.routers.astro.priority", "100"),
        ("traefik.http.services.astro-web.loadBalancer.server.port", "8080"),
        ("traefik.http.services.astro-web.loadbalancer.healthcheck.path", "/health"),
        ("traefik.http.middlewares.astro-auth.basicauth.users", "a:$apr1$x@y"),
        ("traefik.http.middlewares.astro-strip.stripprefix.prefixes", "/v2"),
        (service + "server.scheme", "https"), (service + "server.weight", "3"),
        (service + "healthcheck.port", "8081"), (service + "healthcheck.interval", "10s"),
        (service + "healthcheck.headers.X-A", "b"), (service + "sticky.cookie.name", "astro"),
        (service + "healthcheck.path", "/"), (service + "passhostheader", "false"),
        (middleware + "forwardauth.address", "https://login.astro.example.org/check?x=//y"),
        (middleware + "forwardauth.trustForwardHeader", "true"),
        (middleware + "ratelimit.average", "100"), (middleware + "compress", "true"),
        (middleware + "headers.customresponseheaders.X-A", "http://anything"),
        (middleware + "redirectscheme.scheme", "https"),
        ("traefikx", "free"), ("org.traefik.http", "free"),
    ]
}
