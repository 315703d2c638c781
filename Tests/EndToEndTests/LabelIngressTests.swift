import Foundation
import Testing
import Transport

/// A real Traefik that reads the labels of the engine's containers, as sites have it.
@Suite(.onTestbed, .withTraefik, .timeLimit(.minutes(20)))
struct LabelIngressTests {
    private static func compose(_ version: String, _ labels: [String]) -> String {
        let lines = labels.map { "      - '\($0)'" }.joined(separator: "\n")
        return """
            services:
              web:
                image: web:1.0
                environment: {VERSION: "\(version)"}
                stop_grace_period: 1s
                labels:
            \(lines)
            """
    }

    /// Of each kind some that Gyre lets pass: one that Traefik doesn't know would end the route.
    private static let labels = [
        "traefik.enable=true", "traefik.http.routers.shop.rule=Host(`shop.test`)",
        "traefik.http.routers.shop.entrypoints=web", "traefik.http.routers.shop.priority=10",
        "traefik.http.routers.shop.observability.accesslogs=false",
        "traefik.http.routers.shop.middlewares=shop-all",
        "traefik.http.services.shop.loadbalancer.server.port=8080",
        "traefik.http.services.shop.loadbalancer.sticky.cookie.httpOnly=true",
        "traefik.http.services.shop.loadbalancer.passhostheader=true",
        "traefik.http.services.shop.loadbalancer.healthcheck.path=/healthz",
        "traefik.http.services.shop.loadbalancer.healthcheck.method=GET",
        "traefik.http.services.shop.loadbalancer.healthcheck.followredirects=false",
        "traefik.http.middlewares.shop-all.chain.middlewares=shop-h,shop-r,shop-i,shop-b,shop-c",
        "traefik.http.middlewares.shop-h.headers.customresponseheaders.X-Seen=yes",
        "traefik.http.middlewares.shop-h.headers.stsSeconds=31536000",
        "traefik.http.middlewares.shop-r.ratelimit.average=1000",
        "traefik.http.middlewares.shop-r.ratelimit.sourcecriterion.ipstrategy.depth=1",
        "traefik.http.middlewares.shop-i.ipallowlist.sourcerange=0.0.0.0/0",
        "traefik.http.middlewares.shop-b.retry.attempts=2",
        "traefik.http.middlewares.shop-c.compress=true",
    ]

    private static let hostile = [
        "traefik.http.routers.shop.tls.x]=y",
        "traefik.http.middlewares.shop-e.errors.ſervice=api@internal",
        "traefik.http.routers.shop.tls.domains.x.main=bio.test",
    ]

    @Test func `labels that pass are Traefik's own, and what would stop it never gets there`()
        async throws
    {
        try await Stage.run("labelled") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            let proxy = Proxy(in: stage, port: 29_901)
            let grants = "{hosts: [shop.test], routes: shop}"
            try stage.configure(stage.project(stage.name, team, grants: grants))
            _ = try await stage.deploy(Self.compose("1", Self.labels), to: team)
            let process = try proxy.start(asking: .labels)
            defer { proxy.stop(process) }
            try await eventually("Traefik leads to it", tail: { proxy.log }) {
                try await answer(proxy.url) == "1"
            }
            for (number, label) in Self.hostile.enumerated() {
                let version = "\(number + 2)"
                try await team.push(Self.compose("bad", Self.labels + [label]))
                let problem = try await stage.gyre.problem("denied")
                #expect(problem.diagnostics.contains { $0.code == "label-routing" }, "\(label)")
                let next = try await team.push(Self.compose(version, Self.labels))
                try await stage.gyre.ready(at: next)
                try await eventually("Traefik leads to the next", tail: { proxy.log }) {
                    try await answer(proxy.url) == version
                }
            }
        }
    }

    /// What is served under the host, where the label's header shows that labels are read.
    private func answer(_ url: String) async throws -> String? {
        let request = HTTPRequest("GET", url, headers: [.init("Host", "shop.test")])
        let response = try await HTTPClient(connections: 1).send(request)
        guard response.status == 200, response.head["x-seen"] == "yes" else { return nil }
        return String(decoding: response.body, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
