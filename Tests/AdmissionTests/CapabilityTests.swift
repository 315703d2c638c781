import Admission
import Model
import Testing
import TestSupport

/// The algebra of capabilities, for generated files and grants.
@Suite struct CapabilityTests {
    /// Docker 20.10's default set, written out once more.
    private static let standard: Set<String> = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID",
        "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ]

    private static let others = ["SYS_ADMIN", "NET_ADMIN", "BPF", "SYS_PTRACE", "IPC_LOCK"]

    @Test func officialImagesGetTheGrantedPartOfTheDefault() throws {
        #expect(
            try capabilities(of: Astro.stack) == [
                "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID",
            ]
        )
    }

    @Test func droppingAllLeavesWhatIsAdded() throws {
        let stack = Astro.stack {
            $0.capDrop = ["ALL"]
            $0.capAdd = ["net_bind_service", "CAP_CHOWN"]
        }
        #expect(try capabilities(of: stack) == ["CHOWN", "NET_BIND_SERVICE"])
    }

    @Test func aSharedFileSystemLeavesNone() throws {
        let stack = Astro.stack {
            $0.user = "41000:5000"
            $0.volumes = [Astro.bind("/global/astro")]
        }
        #expect(try capabilities(of: stack).isEmpty)
    }

    @Test(arguments: 0..<300)
    func lawsHold(seed: Int) throws {
        var random = SplitMix64(seed: seed)
        let names = Self.standard.sorted() + Self.others
        let granted = Set(names.filter { _ in random.chance(50) })
        let add = names.filter { _ in random.chance(20) }.map { spelled($0, &random) }
        var drop = names.filter { _ in random.chance(20) }.map { spelled($0, &random) }
        let dropsAll = random.chance(30)
        if dropsAll { drop.append(spelled("ALL", &random)) }
        var tenant = Astro.tenant
        tenant.grants.capabilities = granted
        let stack = Astro.stack {
            $0.capAdd = add
            $0.capDrop = drop
        }
        let added = Set(add.map(normal))
        let dropped = Set(drop.map(normal))
        guard added.isSubset(of: granted) else {
            let denials = Astro.denials(of: stack, by: Policy(tenant))
            #expect(denials == ["capability-granted"])
            return
        }
        let result = try capabilities(of: stack, by: Policy(tenant))
        #expect(result == result.sorted() && Set(result).count == result.count)
        #expect(Set(result).isSubset(of: granted))
        #expect(Set(result).isDisjoint(with: dropped))
        let asked = dropsAll ? added : added.union(Self.standard)
        #expect(Set(result) == asked.intersection(granted).subtracting(dropped))
    }

    private func capabilities(
        of stack: Stack,
        by policy: Policy = Astro.policy
    ) throws -> [String] {
        try #require(try policy.admit(stack).effective["web"]).capAdd
    }

    private func spelled(_ name: String, _ random: inout SplitMix64) -> String {
        let cased = random.chance(50) ? name.lowercased() : name
        guard name != "ALL", random.chance(50) else { return cased }
        return random.pick(["CAP_", "cap_", "Cap_"]) + cased
    }

    private func normal(_ name: String) -> String {
        let upper = name.uppercased()
        return upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper
    }
}
