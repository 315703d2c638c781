/// Settings that are offered whatever they say, or whose values are judged besides.
///
/// A `*` stands for a name that a file chooses; an empty text for `true` in the place of a setting.
/// What leads the ingress to a file, an address or a plugin is not among them.
/// Source: Traefik 3.7's reference of the Docker provider's labels, and its pages of middlewares.
extension RoutingLabel {
    static let routers: Set<String> = [
        "entrypoints", "priority", "tls", "tls.certresolver", "tls.options",
        "observability.accesslogs", "observability.metrics", "observability.tracing",
        "observability.traceverbosity",
    ]

    static let balancers: Set<String> = [
        "passhostheader", "responseforwarding.flushinterval", "strategy", "terminationdelay",
        "proxyprotocol", "proxyprotocol.version",
        "sticky", "sticky.cookie", "sticky.cookie.name", "sticky.cookie.secure",
        "sticky.cookie.httponly", "sticky.cookie.samesite", "sticky.cookie.maxage",
        "sticky.cookie.path", "sticky.cookie.domain",
        "healthcheck.headers.*", "healthcheck.interval", "healthcheck.unhealthyinterval",
        "healthcheck.timeout", "healthcheck.mode", "healthcheck.status",
        "healthcheck.followredirects",
        "passivehealthcheck.failurewindow", "passivehealthcheck.maxfailedattempts",
    ]

    static let middlewares: [String: Set<String>] = [
        "addprefix": ["prefix"],
        "basicauth": ["users", "realm", "removeheader", "headerfield"],
        "buffering": [
            "maxrequestbodybytes", "memrequestbodybytes", "maxresponsebodybytes",
            "memresponsebodybytes", "retryexpression",
        ],
        "chain": ["middlewares"],
        "circuitbreaker": [
            "expression", "checkperiod", "fallbackduration", "recoveryduration", "responsecode",
        ],
        "compress": [
            "", "excludedcontenttypes", "includedcontenttypes", "minresponsebodybytes",
            "encodings", "defaultencoding",
        ],
        "contenttype": ["", "autodetect"],
        "digestauth": ["users", "realm", "removeheader", "headerfield"],
        "errors": ["status", "statusrewrites.*", "service", "query"],
        "forwardauth": [
            "address", "trustforwardheader", "authresponseheaders", "authresponseheadersregex",
            "authrequestheaders", "addauthcookiestoresponse", "headerfield", "forwardbody",
            "maxbodysize", "maxresponsebodysize", "preservelocationheader",
            "preserverequestmethod",
        ],
        "grpcweb": ["alloworigins"],
        "headers": headers,
        "inflightreq": criterion.union(["amount"]),
        "ipallowlist": addresses.union(["sourcerange", "rejectstatuscode"]),
        "ipwhitelist": addresses.union(["sourcerange"]),
        "passtlsclientcert": certificate,
        "ratelimit": criterion.union(["average", "burst", "period"]),
        "redirectregex": ["regex", "replacement", "permanent"],
        "redirectscheme": ["scheme", "port", "permanent"],
        "replacepath": ["path"],
        "replacepathregex": ["regex", "replacement"],
        "retry": [
            "attempts", "initialinterval", "timeout", "status", "maxrequestbodybytes",
            "disableretryonnetworkerror", "retrynonidempotentmethod",
        ],
        "stripprefix": ["prefixes", "forceslash"],
        "stripprefixregex": ["regex"],
    ]

    private static let headers: Set<String> = [
        "customrequestheaders.*", "customresponseheaders.*", "accesscontrolallowcredentials",
        "accesscontrolallowheaders", "accesscontrolallowmethods", "accesscontrolalloworiginlist",
        "accesscontrolalloworiginlistregex", "accesscontrolexposeheaders",
        "accesscontrolmaxage", "addvaryheader", "allowedhosts", "hostsproxyheaders",
        "sslproxyheaders.*", "sslredirect", "ssltemporaryredirect", "sslhost", "sslforcehost",
        "stsseconds", "stsincludesubdomains", "stspreload", "forcestsheader", "framedeny",
        "customframeoptionsvalue", "contenttypenosniff", "browserxssfilter",
        "custombrowserxssvalue", "contentsecuritypolicy", "contentsecuritypolicyreportonly",
        "publickey", "referrerpolicy", "featurepolicy", "permissionspolicy", "isdevelopment",
    ]

    /// By which addresses are told apart.
    private static let addresses: Set<String> = [
        "ipstrategy", "ipstrategy.depth", "ipstrategy.excludedips", "ipstrategy.ipv6subnet",
    ]

    /// By which requests are counted together.
    private static let criterion: Set<String> = [
        "sourcecriterion.ipstrategy.depth", "sourcecriterion.ipstrategy.excludedips",
        "sourcecriterion.ipstrategy.ipv6subnet", "sourcecriterion.requestheadername",
        "sourcecriterion.requesthost",
    ]

    private static let certificate: Set<String> = {
        let names = [
            "country", "province", "locality", "organization", "commonname", "serialnumber",
            "domaincomponent",
        ]
        let subject = (names + ["organizationalunit"]).map { "info.subject.\($0)" }
        let others = ["notafter", "notbefore", "sans", "serialnumber"].map { "info.\($0)" }
        return Set(["pem"] + others + subject + names.map { "info.issuer.\($0)" })
    }()

    /// Whether `key` is one of `settings`, its last part perhaps as a name of the file's.
    static func has(_ key: String, in settings: Set<String>) -> Bool {
        guard !settings.contains(key) else { return true }
        let parts = key.split(separator: ".")
        return parts.count > 1 && settings.contains(parts.dropLast().joined(separator: ".") + ".*")
    }
}
