import Model
import OperatorFile
import Testing

/// What `gyre.yaml` says of an Open Policy Agent.
@Suite struct AgentSettingsTests {
    private func settings(_ opa: String, _ project: String = "") throws -> Settings {
        let text = "policy: {opa: \(opa)}\nprojects: {shop: {repositories: []\(project)}}\n"
        return try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
    }

    private func codes(_ text: String) -> [String] {
        do {
            _ = try Settings(parsing: Array(text.utf8), directory: "/etc/gyre")
            return []
        } catch {
            return error.diagnostics.map(\.code)
        }
    }

    @Test func readsAllOfIt() throws {
        let settings = try settings(
            "{url: 'https://opa.example.org:8181', rule: site/verdict, timeout: 2s, renewal: 5m, "
                + "ca: opa.pem, token_file: /run/token, "
                + "client_certificate: {certificate_file: a.pem, key_file: a.key}}"
        )
        let agent = try #require(settings.agent(of: "shop"))
        #expect(agent.address.description == "https://opa.example.org:8181")
        #expect(agent.rule == "site/verdict" && agent.timeout == .seconds(2))
        #expect(agent.renewal == .seconds(300) && agent.authorities == "/etc/gyre/opa.pem")
        #expect(agent.token == .file("/run/token"))
        #expect(agent.certificate?.key == "/etc/gyre/a.key")
    }

    @Test func hasDefaults() throws {
        let agent = try #require(try settings("{url: 'unix:///run/opa.sock'}").agent(of: "shop"))
        #expect(agent == PolicyAgent(.unix(path: "/run/opa.sock")))
        #expect(agent.rule == "gyre/verdict" && agent.timeout == .seconds(5))
    }

    @Test func aProjectHasItsOwnRuleOrNone() throws {
        let url = "{url: 'http://localhost:8181'}"
        #expect(try settings(url, ", opa: shop/rules").agent(of: "shop")?.rule == "shop/rules")
        #expect(try settings(url, ", opa: none").agent(of: "shop") == nil)
        let none = try Settings(parsing: Array("projects: {}".utf8), directory: "/")
        #expect(none.agent(of: "shop") == nil)
    }

    @Test func whatCannotBeMeantIsRefused() {
        let projects = "projects: {}\n"
        for (text, code) in [
            ("policy: {opa: {url: 'http://opa.example.org'}}\n", "invalid-value"),
            ("policy: {opa: {rule: a}}\n", "missing-key"),
            ("policy: {opa: {url: 'unix:///x', rule: a.b}}\n", "invalid-value"),
            ("policy: {opa: {url: 'unix:///x', ca: a.pem}}\n", "contradiction"),
            (
                "policy: {opa: {url: 'https://x', token_file: a, token_variable: B}}\n",
                "contradiction"
            ),
            ("policy: {opa: {url: 'https://x', regla: a}}\n", "unknown-key"),
        ] {
            #expect(codes(text + projects) == [code], "\(text)")
        }
        #expect(codes("projects: {a: {repositories: [], opa: x/y}}") == ["incomplete"])
        #expect(
            codes(
                "policy: {opa: {url: 'https://x', token_file: /srv/k/t}}\n"
                    + "projects: {a: {repositories: [], grants: {mounts: [{path: /srv/k}]}}}"
            ).count == 1
        )
    }

    /// The team's policy says that somebody else is asked too, and nothing of who.
    @Test func whatIsPublishedSaysThatItIsAsked() throws {
        let settings = try settings("{url: 'https://secret.example.org', token_file: /secret}")
        let now = Instant(milliseconds: 0)
        let published = try #require(PublishedPolicy("shop", in: settings, rules: 1, at: now))
        #expect(published.asksAgent && !published.json.text.contains("secret"))
        let read = try PublishedPolicy(parsing: Array(published.json.text.utf8), file: "x.json")
        #expect(read == published)
        var without = settings
        without.agent = nil
        let other = try #require(PublishedPolicy("shop", in: without, rules: 1, at: now))
        #expect(!other.asksAgent && other.digest != published.digest)
        #expect(other.json["agent"] == nil)
    }
}
