import Admission
import Model
import Testing

/// The second check of a network that has a subnet from the pool.
@Suite struct GateSubnetTests {
    private func gate(
        _ profile: TenantPolicy.Profile,
        reserved: [String: String] = ["astro_default": "10.200.3.64/26"]
    ) -> Gate {
        var tenant = Astro.tenant
        tenant.profile = profile
        return Gate(
            tenant,
            controller: "spin",
            stack: Astro.id,
            claims: [GateFixture.claim],
            subnets: reserved
        )
    }

    private func refusal(_ addresses: JSON, _ gate: Gate) -> GateCheck? {
        let request = GateFixture.createNetwork { $0.set("IPAM", to: addresses) }
        return GateFixture.refusal(of: request, by: gate)
    }

    private static func pool(_ subnet: String) -> JSON { ["Config": [["Subnet": .string(subnet)]]] }

    @Test func exactlyWhatIsReservedPasses() {
        for profile in [TenantPolicy.Profile.restricted, .privileged] {
            #expect(refusal(Self.pool("10.200.3.64/26"), gate(profile)) == nil)
            // One that was there before there was a pool is never made with it.
            #expect(GateFixture.refusal(of: GateFixture.createNetwork(), by: gate(profile)) == nil)
        }
    }

    private static let others: [JSON] = [
        pool("10.200.3.128/26"), pool("10.200.3.64/25"), pool("10.200.3.65/26"),
        pool("10.200.3.64/26 "), pool("172.28.7.0/24"), pool("fd00::/64"), ["Config": []], [:],
        ["Config": [["Subnet": "10.200.3.64/26"], ["Subnet": "10.200.3.64/26"]]],
        ["Config": [["Subnet": "10.200.3.64/26", "Gateway": "10.200.3.65"]]],
        ["Config": [["Subnet": "10.200.3.64/26", "IPRange": "10.200.3.64/28"]]],
        ["Config": [["Subnet": "10.200.3.64/26"]], "Driver": "remote"],
        ["Config": [["Subnet": "10.200.3.64/26"]], "Options": ["a": "b"]],
        ["Config": "10.200.3.64/26"],
    ]

    /// Not even what is granted, and not in the profile that bounds no addresses.
    @Test(arguments: others)
    func nothingElseDoes(addresses: JSON) {
        for profile in [TenantPolicy.Profile.restricted, .privileged] {
            #expect(refusal(addresses, gate(profile)) != nil, "\(profile) \(addresses.text)")
        }
    }

    /// What is reserved for one network is not another's.
    @Test func itIsOneNetworks() {
        let other = gate(.restricted, reserved: ["astro_back": "10.200.3.64/26"])
        #expect(refusal(Self.pool("10.200.3.64/26"), other) == .network)
        #expect(refusal(Self.pool("10.200.3.64/26"), gate(.restricted, reserved: [:])) == .network)
    }
}
