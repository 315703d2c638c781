import Model
import OperatorFile
import Testing

/// Profiles, exceptions, offers and grants of names in `gyre.yaml`.
@Suite struct PolicySettingsTests {
    @Test func readsPolicy() throws {
        let policy = try settings(
            """
            projects:
              bio:
                repositories: []
                offers: [{name: bio_public, to: [shop]}]
              shop:
                repositories: []
                profile: baseline
                choices:
                  - {profile: restricted, mounts: /data/a, publishes: true}
                  - {profile: privileged, stack: ops, service: agent, image: ghcr.io/shop}
                  - {profile: baseline, ports: [80, 8000-8010], audience: site}
                  - {profile: baseline, node: main, cluster: nodes}
                audit: [quota]
                enforce: [identity]
                quotas: {replicas: 3, memory: 16g, cpus: 8, ports: 12, networks: 20}
                exceptions:
                  - rule: privileged
                    stack: ops
                    owner: ann
                    reason: needs a driver
                    expires: 2027-02-28
                grants:
                  public_ports: 60000-60050
                  allocated_ports: [61000-61010, 62000]
                  names: [shop-]
                  hosts: [shop.example.org]
                  site_hosts: [in.shop.example.org]
                  routes: shop
                  network_drivers: [overlay]
                  subnets: [172.28.0.0/16, "fd00:1::/64"]
                  shared: [bio_public]
                  log_drivers: [local]
                  log_size: 64m
                  image_tags: named
                  cpus: {maximum: 4}
                  sysctls: [net.core.somaxconn]
                  open_files: 1024
                  published: 3
                  quota: {containers: 10, memory: 8g, cpus: 4, pids: 1000, volumes: 5}
            """
        ).projects["shop"]?.policy
        #expect(policy == PolicySettingsTests.shop())
    }

    /// What the file above says.
    private static func shop() -> TenantPolicy {
        var expected = TenantPolicy(profile: .baseline)
        expected.choices = [
            ProfileChoice(.restricted, when: .init(mounts: "/data/a", publishes: true)),
            ProfileChoice(
                .privileged,
                when: .init(stack: "ops", service: "agent", image: "ghcr.io/shop")
            ),
            ProfileChoice(.baseline, when: .init(ports: [80...80, 8000...8010], audience: .site)),
            ProfileChoice(.baseline, when: .init(place: .init(node: "main", cluster: .nodes))),
        ]
        expected.audited = ["quota"]
        expected.enforced = ["identity"]
        expected.grants.imageTags = .named
        expected.quotas = Quota(
            replicas: 3,
            memory: .gibibytes(16),
            nanoCPUs: 8_000_000_000,
            ports: 12,
            networks: 20
        )
        expected.exceptions = [
            PolicyException(
                rule: "privileged",
                stack: "ops",
                owner: "ann",
                reason: "needs a driver",
                expires: Instant(milliseconds: 1_803_772_800_000)
            )
        ]
        expected.grants.publicPorts = [60000...60050]
        expected.grants.allocatedPorts = [61000...61010, 62000...62000]
        expected.grants.names = ["shop-"]
        expected.grants.hosts = ["shop.example.org"]
        expected.grants.siteHosts = ["in.shop.example.org"]
        expected.grants.routes = "shop"
        expected.grants.networkDrivers = ["overlay"]
        expected.grants.subnets = ["172.28.0.0/16", "fd00:1::/64"]
        expected.grants.shared = ["bio_public"]
        expected.grants.logDrivers = ["local"]
        expected.grants.maximumLogs = 64 << 20
        expected.grants.maximumCPUs = 4_000_000_000
        expected.grants.sysctls = ["net.core.somaxconn"]
        expected.grants.openFiles = 1024
        expected.grants.maximumPorts = 3
        expected.grants.quota = Quota(
            containers: 10,
            memory: .gibibytes(8),
            nanoCPUs: 4_000_000_000,
            pids: 1000,
            volumes: 5,
            networks: 10
        )
        return expected
    }

    @Test(
        arguments: [
            ("quotas: {cpus: 8}", 1), ("grants: {quota: {cpus: 8}}", 1), ("quotas: {pids: 8}", nil),
            ("quotas: {cpus: 8}, grants: {cpus: {default: 2}}", 2),
            ("quotas: {cpus: 8}, grants: {cpus: {maximum: 2}}", nil),
        ] as [(String, Int64?)]
    )
    func aQuotaOfCPUsBringsADefault(text: String, cpus: Int64?) throws {
        let policy = try settings(
            """
            projects:
              shop: {repositories: [{url: /srv/git/shop.git}], \(text)}
            """
        ).projects["shop"]?.policy
        #expect(policy?.grants.standardCPUs == cpus.map { $0 * 1_000_000_000 })
    }

    @Test(
        arguments: [
            ("", 10, nil), ("grants: {quota: {volumes: 2}}", 10, nil),
            ("quotas: {ports: 2}", 10, nil),
            ("grants: {quota: {networks: 40}}", 40, nil), ("quotas: {networks: 3}", 10, 3),
            ("profile: baseline", 10, nil),
        ] as [(String, Int, Int?)]
    )
    func networksHaveADefault(text: String, stack: Int, project: Int?) throws {
        let more = text.isEmpty ? "" : ", \(text)"
        let policy = try settings(
            "projects: {shop: {repositories: [{url: /srv/git/shop.git}]\(more)}}"
        ).projects["shop"]?.policy
        #expect(policy?.grants.quota.networks == stack)
        #expect(policy?.quotas.networks == project)
    }

    @Test func knowsWhoseNamesBeginAlike() throws {
        let settings = try settings(
            "projects: {a: {repositories: []}, a-b: {repositories: []}, ab: {repositories: []}}"
        )
        #expect(settings.projects["a"]?.policy.neighbours == ["a-b"])
        #expect(settings.projects["a-b"]?.policy.neighbours == [])
        #expect(settings.warnings.map(\.code) == ["similar-names"])
    }

    /// What would give one project another's names, and what is said of it.
    @Test(arguments: [
        ("grants: {names: [b_]}", "foreign-names"), ("grants: {names: [b]}", "foreign-names"),
        ("grants: {names: [b-x]}", "foreign-names"),
        ("grants: {names: [common-]}", "foreign-names"),
        ("grants: {hosts: [b.org]}", "shared-host"), ("grants: {hosts: [x.b.org]}", "shared-host"),
        ("grants: {hosts: [org]}", "shared-host"), ("grants: {shared: [b_data]}", "not-offered"),
        ("grants: {shared: [b_private]}", "not-offered"),
        ("grants: {routes: b-web}", "shared-routes"), ("grants: {routes: B-}", "shared-routes"),
        ("grants: {routes: b-web-x}", "shared-routes"),
        ("grants: {names: ['']}", "invalid-value"),
        ("grants: {subnets: [10.0.0.0]}", "invalid-value"),
        ("grants: {log_drivers: [syslog]}", "invalid-value"),
        ("grants: {network_drivers: [macvlan]}", "invalid-value"),
        ("exceptions: [{rule: identity}]", "missing-key"),
        ("exceptions: [{rule: x, owner: a, reason: b, expires: 2026-02-30}]", "invalid-value"),
        ("profile: none", "invalid-value"), ("choices: [{mounts: /a}]", "missing-key"),
        ("choices: [{profile: baseline, node: gone}]", "unknown-node"),
        ("choices: [{profile: baseline, labels: [a=b]}]", "unknown-node"),
        ("choices: [{profile: baseline, cluster: swarm}]", "unknown-node"),
        ("choices: [{profile: baseline, audience: all}]", "invalid-value"),
    ])
    func refusesForeignGrants(text: String, code: String) throws {
        let rejection = #expect(throws: Rejection.self) {
            try settings(
                """
                projects:
                  b:
                    repositories: []
                    offers: [{name: b_data, to: [other]}]
                    grants: {hosts: [b.org], names: [common-], routes: b-web}
                  c:
                    repositories: []
                    \(text)
                """
            )
        }
        #expect(rejection?.diagnostics.contains { $0.code == code } == true)
    }

    private func settings(_ text: String) throws(Rejection) -> Settings {
        try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
    }
}
