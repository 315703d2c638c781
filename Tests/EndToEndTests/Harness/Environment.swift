import Glibc
import Testing

/// What the tests are told from outside, by `Testbed/test`.
enum Environment {
    /// Without what would tell git or OpenSSL whom to trust: that is for the tests to say.
    static let all: [String: String] = {
        var result: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1)
            if let key = parts.first {
                result[String(key)] = parts.count > 1 ? String(parts[1]) : ""
            }
            next += 1
        }
        return result.filter { key, _ in
            !["SSL_CERT_", "CURL_CA_", "GIT_SSL_"].contains { key.hasPrefix($0) }
        }
    }()

    /// Whether there is an engine to test on; `Testbed/test` brings one up.
    static var hasEngine: Bool { all["GYRE_TEST_ENGINE"] != nil }

    /// Whether the engine is a testbed's own, so that it may be stopped and frozen.
    static var hasOwnTestbed: Bool { hasEngine && all["GYRE_TEST_NETNS"]?.isEmpty == false }

    /// The program under test.
    static var gyre: String { all["GYRE_BINARY"] ?? "gyre" }

    /// Docker Compose's own program; nil when there is none to be had.
    static var compose: String? {
        all["GYRE_TEST_COMPOSE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The folder of Open Policy Agent's own engine; nil when there is none to be had.
    static var agent: String? { all["GYRE_TEST_OPA"].flatMap { $0.isEmpty ? nil : $0 } }

    /// Traefik's own program; nil when there is none to be had.
    static var traefik: String? { all["GYRE_TEST_TRAEFIK"].flatMap { $0.isEmpty ? nil : $0 } }

    /// Whether time is no matter, as in `make test-long`.
    static var isLong: Bool { all["GYRE_TEST_LONG"]?.isEmpty == false }

    /// Tests that go on at once: more only makes each slower.
    static var width: Int { all["GYRE_TEST_WIDTH"].flatMap { Int($0) } ?? 4 }
}

extension Trait where Self == ConditionTrait {
    /// Needs an engine.
    static var onEngine: Self {
        .enabled(if: Environment.hasEngine, "no engine: run Testbed/test")
    }

    /// Needs Docker Compose's own program.
    static var withCompose: Self {
        .enabled(if: Environment.compose != nil, "no Docker Compose: run Testbed/compose")
    }

    /// Needs Open Policy Agent's own engine.
    static var withAgent: Self {
        .enabled(if: Environment.agent != nil, "no Open Policy Agent: run Testbed/opa")
    }

    /// Needs Traefik's own program.
    static var withTraefik: Self {
        .enabled(if: Environment.traefik != nil, "no Traefik: run Testbed/traefik")
    }

    /// Needs a testbed of its own, or the inside of one.
    static var onTestbed: Self {
        .enabled(if: Environment.hasOwnTestbed, "no testbed of our own: run Testbed/test")
    }
}
