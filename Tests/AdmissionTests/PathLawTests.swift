import Admission
import Model
import Testing
import TestSupport

/// A bind is granted by whole components of its path, whatever the components are.
@Suite struct PathLawTests {
    private static let parts = [
        "a", "aa", "A", "a.b", "..a", "a..", "...", "a b", "é", "e\u{301}", "a\u{301}", "ａ", "-",
        "astro", "astro-x", "\u{200B}", "%2e%2e", "\\",
    ]

    @Test(arguments: 0..<300)
    func grantsByWholeComponents(seed: Int) {
        var random = SplitMix64(seed: seed)
        let grant = path(1...3, &random)
        let isBelow = random.chance(50)
        let below = path(0...2, &random)
        let asked = isBelow ? grant + below : path(1...5, &random)
        let tenant = tenant(granting: text(grant))
        let stack = Astro.stack { $0.volumes = [Astro.bind(text(asked))] }
        let bytes = { (parts: [String]) in parts.map { Array($0.utf8) } }
        let isGranted = bytes(asked).starts(with: bytes(grant))
        let denials = Astro.denials(of: stack, by: Policy(tenant))
        #expect(denials == (isGranted ? [] : ["bind-granted"]))
    }

    @Test(arguments: 0..<300)
    func neverGrantsAPathThatClimbs(seed: Int) {
        var random = SplitMix64(seed: seed)
        let grant = path(1...2, &random)
        var asked = grant + path(0...3, &random)
        asked.insert("..", at: Int.random(in: 0...asked.count, using: &random))
        let stack = Astro.stack { $0.volumes = [Astro.bind(text(asked))] }
        let policy = Policy(tenant(granting: text(grant)))
        #expect(Astro.denials(of: stack, by: policy).contains("bind-form"))
    }

    /// What a carrier looks at is the whole way from the granted path to what is bound.
    @Test(arguments: 0..<300)
    func theWayBelowAGrantIsWhole(seed: Int) {
        var random = SplitMix64(seed: seed)
        let grant = path(1...3, &random)
        let below = path(0...3, &random)
        let grants = tenant(granting: text(grant)).grants
        guard let way = grants.below(text(grant + below)) else {
            #expect(below.isEmpty)
            return
        }
        let bytes = { (parts: [String]) in parts.map { Array($0.utf8) } }
        #expect(!below.isEmpty && bytes(way.components) == bytes(below))
        #expect(Array(way.root.utf8) == Array(text(grant).utf8))
        #expect(Array(way.start(.max).utf8) == Array(text(grant + below).utf8))
        #expect(grants.below("/elsewhere" + text(below)) == nil)
    }

    @Test func theDeepestGrantDecidesAboutWriting() {
        var tenant = tenant(granting: "/x/a")
        tenant.grants.mounts.append(MountGrant(path: "/x/a/ro", readOnly: true, isShared: false))
        let policy = Policy(tenant)
        let denials = { (path: String, readOnly: Bool) in
            Astro.denials(
                of: Astro.stack { $0.volumes = [Astro.bind(path, readOnly: readOnly)] },
                by: policy
            )
        }
        #expect(denials("/x/a/rw", false).isEmpty)
        #expect(denials("/x/a/ro/b", false) == ["bind-read-only"])
        #expect(denials("/x/a/ro/b", true).isEmpty)
        // Its parent reaches it.
        #expect(denials("/x/a", false) == ["bind-read-only"])
        #expect(denials("/x/a", true).isEmpty)
    }

    @Test func aParentOfASharedDirectoryIsShared() {
        var tenant = tenant(granting: "/x")
        tenant.grants.mounts.append(MountGrant(path: "/x/shared"))
        let policy = Policy(tenant)
        let denials = { (path: String) in
            Astro.denials(of: Astro.stack { $0.volumes = [Astro.bind(path)] }, by: policy)
        }
        #expect(denials("/x") == ["identity"])
        #expect(denials("/x/shared/y") == ["identity"])
        #expect(denials("/x/own").isEmpty)
    }

    @Test func aGrantOfEverythingGrantsNoEngine() {
        let policy = Policy(tenant(granting: "/"))
        for path in ["/", "/var/run/docker.sock", "/var", "/proc/1/root", "/a/docker.sock"] {
            let stack = Astro.stack { $0.volumes = [Astro.bind(path)] }
            #expect(!Astro.denials(of: stack, by: policy).isEmpty, "\(path)")
        }
        let stack = Astro.stack { $0.volumes = [Astro.bind("/srv/x")] }
        #expect(Astro.denials(of: stack, by: policy).isEmpty)
    }

    @Test(arguments: ["relative", "/x/..", "/x/../y", "/x:y", ""])
    func aGrantThatIsNoPlainPathGrantsNothing(grant: String) {
        let policy = Policy(tenant(granting: grant))
        let stack = Astro.stack { $0.volumes = [Astro.bind("/x")] }
        #expect(Astro.denials(of: stack, by: policy) == ["bind-granted"])
    }

    private func path(_ count: ClosedRange<Int>, _ random: inout SplitMix64) -> [String] {
        (0..<Int.random(in: count, using: &random)).map { _ in random.pick(Self.parts) }
    }

    private func text(_ parts: [String]) -> String { "/" + parts.joined(separator: "/") }

    private func tenant(granting path: String) -> TenantPolicy {
        TenantPolicy(grants: Grants(mounts: [MountGrant(path: path, isShared: false)]))
    }
}
