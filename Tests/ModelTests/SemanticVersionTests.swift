import Model
import Testing

@Suite struct SemanticVersionTests {
    /// Source: the example of Semantic Versioning 2.0.0, section 11.
    @Test func ordersLikeTheSpecification() throws {
        let texts = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
            "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1",
            "2.10.0",
        ]
        let versions = try texts.map { try #require(SemanticVersion($0)) }
        for (low, high) in zip(versions, versions.dropFirst()) {
            #expect(low < high && !(high < low))
        }
        #expect(versions.shuffled().sorted() == versions)
        #expect(SemanticVersion("v1.2.3+build.5") == SemanticVersion("1.2.3"))
    }

    @Test(arguments: [
        "", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "a.b.c", "1.2.-3",
        "1.2.3-a..b", "99999999999.0.0", "release-1.2.3", "1.2.3 ",
    ])
    func refusesWhatIsNoVersion(_ text: String) { #expect(SemanticVersion(text) == nil) }

    @Test(arguments: [
        ("1.x", ["1.0.0", "1.99.3"], ["0.9.0", "2.0.0", "2.0.0-rc.1", "1.5.0-rc.1"]),
        ("*", ["0.0.0", "7.1.2"], ["1.0.0-rc.1"]),
        ("^1.2", ["1.2.0", "1.9.0"], ["1.1.9", "2.0.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]),
        ("~1", ["1.0.0", "1.9.9"], ["2.0.0"]),
        (">=1.2 <2", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.9"]),
        (">=1.2, <=1.4", ["1.4.9"], ["1.5.0"]),
        (">1.2.3", ["1.2.4"], ["1.2.3"]),
        (">1.2", ["1.3.0"], ["1.2.9"]),
        ("1.4.0 || 3.x", ["1.4.0", "3.1.0"], ["1.4.1", "2.0.0"]),
        ("=v1.4.0", ["1.4.0"], ["1.4.1"]),
        (">=1.0.0-rc.1", ["1.0.0-rc.1", "1.0.0", "1.0.1-beta"], ["1.0.0-beta"]),
        ("1.0.0-rc.1", ["1.0.0-rc.1"], ["1.0.0-rc.2", "1.0.0"]),
    ])
    func ranges(_ text: String, _ inside: [String], _ outside: [String]) throws {
        let range = try #require(VersionRange(text))
        for version in inside {
            #expect(range.contains(try #require(SemanticVersion(version))), "\(version)")
        }
        for version in outside {
            #expect(!range.contains(try #require(SemanticVersion(version))), "\(version)")
        }
    }

    @Test(arguments: ["", " ", "||", "1.2 ||", "main", ">", "1.2.3.4", "!1", "^^1", "x.1", "1.x.2"])
    func refusesWhatIsNoRange(_ text: String) { #expect(VersionRange(text) == nil) }
}
