import Admission
import Model
import Testing

/// What a network or volume that somebody else made has to be.
@Suite struct ExternalObjectTests {
    private static let now = Instant(milliseconds: 1000)

    private static func objection(
        to object: NamedObject,
        _ change: (inout TenantPolicy) -> Void = { _ in }
    ) -> String? {
        var tenant = Astro.tenant
        change(&tenant)
        return tenant.objection(toExternal: object, for: Astro.id, at: now)
    }

    private static func network(
        _ driver: String?,
        _ options: [String: String] = [:]
    )
        -> NamedObject
    {
        NamedObject(
            kind: .network,
            id: "n",
            name: "astro_lan",
            driver: driver,
            options: options
        )
    }

    private static func volume(
        _ driver: String?,
        _ options: [String: String] = [:]
    )
        -> NamedObject
    {
        NamedObject(
            kind: .volume,
            id: "astro_v",
            name: "astro_v",
            driver: driver,
            options: options
        )
    }

    @Test(arguments: [
        network(nil), network("bridge"), network("overlay", ["encrypted": ""]),
        network("bridge", ["com.docker.network.driver.mtu": "1400"]), volume(nil), volume("local"),
    ])
    func whatTheStackCouldMakeItselfIsLetIn(object: NamedObject) {
        #expect(Self.objection(to: object) == nil)
    }

    /// It could answer by who asks; files can name none.
    @Test func whatAPluginKeepsIsForWhomItIsSharedWith() {
        var secret = NamedObject(kind: .secret, id: "s", name: "astro_key")
        #expect(Self.objection(to: secret) == nil)
        secret.driver = "vault"
        #expect(Self.objection(to: secret) == "its driver is vault, which is not granted")
        #expect(Self.objection(to: secret) { $0.grants.shared = [secret.name] } == nil)
    }

    @Test(arguments: [
        network("macvlan", ["parent": "eth0"]), network("host"),
        network("bridge", ["com.docker.network.bridge.name": "br-site"]),
        network("bridge", ["com.docker.network.driver.mtu": "1"]), volume("nfs"),
        volume("local", ["type": "none", "o": "bind", "device": "/etc"]),
    ])
    func whatReachesTheNodeIsNot(object: NamedObject) {
        #expect(Self.objection(to: object) != nil)
        #expect(Self.objection(to: object) { $0.grants.shared = [object.name] } == nil)
        #expect(Self.objection(to: object) { $0.profile = .privileged } == nil)
        let rule = object.kind == .network ? "network-driver" : "volume-driver"
        func excepted(_ stack: String, until expires: Int64) -> String? {
            Self.objection(to: object) {
                $0.exceptions = [
                    PolicyException(
                        rule: rule,
                        stack: stack,
                        owner: "ops",
                        reason: "a test",
                        expires: Instant(milliseconds: expires)
                    )
                ]
            }
        }
        #expect(excepted("astro", until: 2000) == nil)
        // What a sibling was let make is nobody else's, nor anybody's when its time is over.
        #expect(excepted("web", until: 2000) != nil)
        #expect(excepted("astro", until: 1000) != nil)
    }
}
