import Foundation
import Model
import OperatorFile
import Testing

/// What tenants get to see of `gyre.yaml`, and that nothing is lost on the way.
@Suite struct PublishedPolicyTests {
    private static let file = """
        controller: secret-controller
        engine: unix:///secret/engine.sock
        registries: [{host: secret.example.org, username: secret-user, password_file: /secret/pw}]
        defaults: {loading: {memory: 64m, time: 1500ms}}
        policy: {docs: "http://pages.example.org/gyre/"}
        projects:
          bio:
            repositories: [{url: "https://secret.example.org/bio.git"}]
            offers: [{name: bio_public, to: [shop]}]
            adopt: {bio: {compose: secret-bio}}
            grants: {mounts: [{path: /secret/bio}], hosts: [bio.example.org]}
          shop-secret: {repositories: []}
          shop:
            repositories: [{url: "https://secret.example.org/shop.git"}]
            profile: baseline
            adopt: {shop: {compose: oldshop}, ops: {compose: old_ops}}
            choices:
              - {profile: restricted, mounts: /data/a, publishes: true}
              - {profile: privileged, stack: ops, service: agent, image: ghcr.io/shop}
              - {profile: baseline, ports: [80, 30000-30005], audience: site}
            audit: [quota, namespace]
            enforce: [identity]
            quotas: {containers: 20, replicas: 21, memory: 9g, cpus: 5, pids: 7, volumes: 3}
            exceptions:
              - {rule: privileged, stack: ops, owner: ann, reason: a driver, expires: 2027-02-28}
              - {rule: device, service: x, owner: bob, reason: it is over, expires: 2020-01-01}
            grants:
              mounts:
                - {path: /data/a, access: read-write}
                - {path: /data/b, access: read-only, shared: false}
              registries: [docker.io/library, ghcr.io/shop]
              identities: {uids: [1000, 2000-2999], gids: []}
              ports: [80, 30000-30010]
              public_ports: 60000-60050
              allocated_ports: 30005-30010
              published: 3
              names: [shop-]
              hosts: [shop.example.org]
              site_hosts: [in.shop.example.org]
              routes: shop
              network_drivers: [overlay]
              subnets: [172.28.0.0/16, "fd00:1::/64"]
              shared: [bio_public]
              log_drivers: [local]
              log_size: 64m
              image_tags: digest
              cpus: {default: 2, maximum: 3}
              sysctls: [net.core.somaxconn]
              open_files: 1024
              capabilities: [chown, CAP_KILL]
              shared_capabilities: []
              memory: {default: 100m, maximum: 3g}
              pids: {default: 7, maximum: 99}
              replicas: 4
              services: 5
              quota: {containers: 10, memory: 8g, cpus: 4, pids: 1000, volumes: 0, ports: 0}
        """

    private static let now = Instant(date: "2026-11-21") ?? Instant(milliseconds: 0)

    private func published(_ project: String = "shop") throws -> PublishedPolicy {
        let settings = try Settings(parsing: Array(Self.file.utf8), directory: "/")
        return try #require(PublishedPolicy(project, in: settings, rules: 3, at: Self.now))
    }

    private func read(_ text: String) throws -> PublishedPolicy {
        try PublishedPolicy(parsing: Array(text.utf8), file: "shop.json")
    }

    /// What decides on a project's nodes is told, what nodes there are besides is not.
    @Test func aPolicyIsForTheNodesOfTheProject() throws {
        let text = """
            nodes:
              lab: {engine: unix:///lab.sock, labels: [tier=lab]}
              hall: {engine: unix:///hall.sock, labels: [tier=hall]}
              vault: {engine: unix:///vault.sock, labels: [tier=secret]}
            projects:
              shop:
                repositories: []
                nodes: [lab, hall]
                choices:
                  - {profile: privileged, labels: [tier=secret]}
                  - {profile: baseline, labels: [tier=lab]}
                  - {profile: privileged, service: x, cluster: nodes}
            """
        let settings = try Settings(parsing: Array(text.utf8), directory: "/")
        func choices(on node: String? = nil) throws -> [ProfileChoice]? {
            let published = PublishedPolicy("shop", in: settings, on: node, rules: 3, at: Self.now)
            guard let published else { return nil }
            #expect(try read(published.json.text) == published)
            return published.tenant.choices
        }
        let ofAll = ProfileChoice(.privileged, when: .init(service: "x"))
        let lab = NodePlace.Condition(labels: ["tier": "lab"])
        #expect(try choices() == [ProfileChoice(.baseline, when: .init(place: lab)), ofAll])
        #expect(try choices(on: "lab") == [ProfileChoice(.baseline, when: .init()), ofAll])
        #expect(try choices(on: "hall") == [ofAll])
        #expect(try choices(on: "vault") == nil)
    }

    @Test(arguments: ["shop", "bio", "shop-secret"])
    func whatIsReadIsWhatWasPublished(project: String) throws {
        let published = try published(project)
        #expect(try read(published.json.text) == published)
        #expect(published.json["digest"] == .string(published.digest))
    }

    /// All that decides, but for what others are called and what is over.
    @Test func theTeamIsJudgedAsTheControllerDoes() throws {
        let settings = try Settings(parsing: Array(Self.file.utf8), directory: "/")
        var tenant = try #require(settings.projects["shop"]).policy
        #expect(tenant.neighbours == ["shop-secret"])
        tenant.neighbours = []
        tenant.exceptions.removeLast()
        #expect(try published().tenant == tenant)
        #expect(try published().loading == settings.defaults.loading)
        #expect(try published().docs == "http://pages.example.org/gyre/")
    }

    @Test func whatStacksAreTakenOverUnderIsTold() throws {
        #expect(try published().tenant.adopted == ["shop": "oldshop", "ops": "old_ops"])
        #expect(try published().json["adopt"] == ["ops": "old_ops", "shop": "oldshop"])
        #expect(try published("shop-secret").json["adopt"] == nil)
    }

    /// `Tests/Fixtures/policy/published-1.json` was written by a Gyre that knew of no such names.
    @Test func whatWasPublishedBeforeIsRead() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/policy/published-1.json")
        let text = try String(contentsOf: file, encoding: .utf8)
        let known = try read(text)
        #expect(known.project == "shop" && known.tenant.adopted.isEmpty)
        #expect(known.digest.hasPrefix("bb311f28"))
        #expect(known.tenant.grants.ports == [30000...30010])
    }

    @Test func nothingOfOthersIsTold() throws {
        let text = try published().json.text
        for word in ["secret", "bio.example.org", "https", "unix:", "bob"] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test func theDigestTellsPoliciesApart() throws {
        let one = try published()
        #expect(try published().digest == one.digest)
        #expect(try published("bio").digest != one.digest)
    }

    @Test(arguments: [
        (#""replicas":4"#, #""replicas":5"#, "not as it was published"),
        (#""restricted""#, #""privileged""#, "not as it was published"),
        (#"gyre.policy/1"#, #"gyre.policy/2"#, "of the format gyre.policy/2"),
        (#""format":"gyre.policy/1","#, "", "has no format"),
        (#""replicas":4"#, #""replicas":4,"repliccas":4"#, "no key"),
        (#""replicas":4"#, #""replicas":"many""#, "many"), ("}", "", ""), ("{", "[", ""),
    ])
    func whatWasChangedIsRefused(part: String, other: String, words: String) throws {
        let text = try published().json.text
        try #require(text.contains(part))
        let spoiled = text.replacing(part, with: other, maxReplacements: 1)
        let error = try #require(throws: Rejection.self) { try read(spoiled) }
        #expect(error.diagnostics.allSatisfy { $0.location?.file == "shop.json" })
        let isSaid = error.diagnostics.contains { $0.message.contains(words) }
        #expect(words.isEmpty || isSaid, "\(error)")
    }

    @Test(arguments: ["", "null", "[]", "a: 1", "{}{}", "\u{0}"])
    func whatWasNeverPublishedIsRefused(text: String) {
        #expect(throws: Rejection.self) { try read(text) }
    }
}
