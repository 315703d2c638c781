import Model
import Testing

/// Subnets as texts, and the pool that Gyre hands them out from.
@Suite struct SubnetTests {
    private func subnet(_ text: String) throws -> Subnet { try #require(Subnet(text), "\(text)") }

    @Test(arguments: [
        "10.0.0.0/8", "0.0.0.0/0", "255.255.255.255/32", "fd00:1::/64", "::/0", "::1/128",
    ])
    func reads(text: String) { #expect(Subnet(text) != nil) }

    @Test(arguments: [
        "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.256/8", "010.0.0.0/8", "10.0.0.0/08",
        "10.0.0.0/-1", "10.0.0.0/", "fd00::/129", "fd00:::/64", "", "/", "10.0.0.0/8/8",
    ])
    func readsNothingElse(text: String) { #expect(Subnet(text) == nil) }

    @Test(arguments: [
        ("10.1.0.0/16", "10.1.2.0/24", true), ("10.1.2.0/24", "10.1.0.0/16", true),
        ("10.1.0.0/24", "10.1.1.0/24", false), ("10.1.0.7/24", "10.1.0.200/25", true),
        ("0.0.0.0/0", "10.1.1.0/24", true), ("0.0.0.0/0", "fd00::/8", false),
        ("fd00::/8", "fd12::/64", true),
    ])
    func overlaps(a: String, b: String, isSo: Bool) throws {
        #expect(try subnet(a).overlaps(subnet(b)) == isSo)
        #expect(try subnet(b).overlaps(subnet(a)) == isSo)
    }

    @Test(arguments: [
        ("10.200.0.0/14", 26, 4096), ("10.0.0.0/24", 24, 1), ("10.0.0.0/24", 23, 0),
        ("10.0.0.1/24", 26, 0), ("fd00::/64", 26, 0), ("nonsense", 26, 0),
        ("0.0.0.0/0", 30, 1 << 30),
    ])
    func countsWhatThereIs(range: String, size: Int, count: Int) {
        #expect(SubnetPool(range, size: size).count == count)
    }

    /// All of it is handed out, each part once, and the order begins where a name says.
    @Test func handsOutAll() throws {
        let pool = SubnetPool("10.9.8.0/24", size: 27)
        var taken: [String] = []
        while let next = pool.choice(for: "shop default", beside: taken.compactMap(Subnet.init)) {
            #expect(pool.offers(next))
            taken.append(next)
        }
        #expect(Set(taken) == Set((0..<8).map { "10.9.8.\($0 * 32)/27" }) && taken.count == 8)
        #expect(taken.dropFirst() != taken.sorted().dropFirst(), "it goes round: \(taken)")
        let firsts = Set((0..<40).compactMap { pool.choice(for: "n\($0)", beside: []) })
        #expect(firsts.count > 4, "names begin at different places")
    }

    @Test(arguments: [
        // Larger than a part, smaller than one, around all of it, and of another family.
        ("10.9.8.0/25", 4), ("10.9.8.65/32", 7), ("10.0.0.0/8", 0), ("fd00::/8", 8),
        ("10.9.9.0/24", 8),
    ])
    func goesAround(text: String, left: Int) throws {
        let pool = SubnetPool("10.9.8.0/24", size: 27)
        let foreign = try subnet(text)
        var taken = [foreign]
        var count = 0
        while let next = pool.choice(for: "x", beside: taken) {
            let choice = try subnet(next)
            #expect(!taken.contains { $0.overlaps(choice) })
            taken.append(choice)
            count += 1
        }
        #expect(count == left)
    }

    @Test func offersItsOwnPartsOnly() {
        let pool = SubnetPool("10.9.8.0/24", size: 27)
        #expect(pool.offers("10.9.8.32/27"))
        for text in ["10.9.8.32/28", "10.9.9.32/27", "10.9.8.32", "fd00::/27"] {
            #expect(!pool.offers(text), "\(text)")
        }
    }
}
