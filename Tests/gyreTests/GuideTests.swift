import Admission
import Foundation
import Model
import OperatorFile
import Reconciliation
import Testing

@testable import gyre

/// What the pages for teams and operators promise.
@Suite struct GuideTests {
    @Test func whatTeamsAreShownIsAdmitted() async throws {
        let page = try Page("Tenants")
        let policy = try policy(of: "astro", in: page.examples[0])
        let examples = page.examples.dropFirst()
        #expect(examples.count >= 4)
        for example in examples {
            guard !example.hasPrefix("# .gyre.yaml") else {
                _ = try TenantFile(parsing: Array(example.utf8))
                continue
            }
            let answer = try await check(example, policy)
            #expect(answer.verdict != .deny, "\(example) \(answer.findings.map(\.message))")
        }
    }

    /// Each row of the table: refused for the rule that it names, and what is to be written
    /// instead isn't.
    @Test func whatTeamsAreToldIsRefusedAndMended() async throws {
        let page = try Page("Tenants")
        let policy = try policy(of: "astro", in: page.examples[0])
        let rows = page.text.matches(of: /\| `([a-z-]+)` \| `(.+?)` \| `(.+?)` \|/)
        #expect(rows.count > 12)
        for row in rows {
            let wrong = try await check(service(row.2), policy)
            #expect(wrong.verdict == .deny, "\(row.2)")
            #expect(wrong.findings.contains { $0.rule == row.1 }, "\(wrong.findings.map(\.rule))")
            let right = try await check(service(row.3), policy)
            #expect(right.verdict != .deny, "\(row.3) \(right.findings.map(\.message))")
        }
    }

    @Test func theAnswerThatTeamsAreShownIsTheAnswer() async throws {
        let page = try Page("Tenants")
        let policy = try policy(of: "astro", in: page.examples[0])
        let answer = try await check(page.examples[1], policy)
        // The page's is by a published policy, which the last line names too.
        let text = answer.text(Style(isColoured: false))
        #expect(page.text.contains("\n\(text), by the policy of astro "))
    }

    /// The digest that teams are shown is that of the policy that the page publishes.
    @Test func theDigestThatTeamsAreShownIsThePolicys() throws {
        let page = try Page("Tenants")
        let settings = try Settings(parsing: Array(page.examples[0].utf8), directory: "/etc/gyre")
        let now = Instant(milliseconds: 0)
        let made = PublishedPolicy("astro", in: settings, rules: Rule.version, at: now)
        let published = try #require(made)
        let shown = try #require(page.text.firstMatch(of: /by the policy of astro ([0-9a-f]{12})/))
        #expect(String(shown.1) == String(published.digest.prefix(12)))
    }

    /// The policy that is written in ten minutes, tried as its page does.
    @Test func theFirstPolicyOfASiteJudgesAsItSays() async throws {
        let page = try Page("Policy")
        for project in ["astro", "bio", "house"] {
            let policy = try policy(of: project, in: page.examples[0])
            let verdict = try await check("services: {web: {image: httpd}}", policy).verdict
            #expect(verdict != .deny)
        }
        let astro = try policy(of: "astro", in: page.examples[0])
        let tried = page.text.matches(of: /printf '(services.+)' > (good|bad)\//)
        #expect(tried.count == 2)
        for example in tried {
            let answer = try await check(String(example.1), astro)
            #expect((answer.verdict == .deny) == (example.2 == "bad"))
        }
        // What is another team's is refused, what is one's own isn't.
        for (folder, user, isFine) in [
            ("astro", 40_000, true), ("common", 40_000, true), ("bio", 40_000, false),
            ("astro", 41_000, false),
        ] {
            let text = "volumes: ['/global/\(folder)/x:/x:ro'], user: '\(user):5000'"
            let verdict = try await check(service(text), astro).verdict
            #expect((verdict != .deny) == isFine, "\(text)")
        }
    }

    private func policy(of project: String, in example: String) throws -> Policy {
        let settings = try Settings(parsing: Array(example.utf8), directory: "/etc/gyre")
        #expect(settings.warnings == [])
        return Policy(try #require(settings.projects[project]).policy)
    }

    private func service(_ attributes: some StringProtocol) -> String {
        let hasImage = attributes.contains("image:") || attributes.contains("build:")
        return "services: {web: {\(hasImage ? "" : "image: \"httpd:2.4\", ")\(attributes)}}\n"
    }

    private func check(_ text: String, _ policy: Policy) async throws -> PolicyAnswer {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "compose.yaml")
        try text.write(to: file, atomically: true, encoding: .utf8)
        return try await PolicyAnswer(
            of: folder.path(),
            StackID(project: "astro", stack: "hello"),
            under: policy,
            loading: LoadingHere()
        )
    }

    /// A page of the documentation, and its examples in YAML in their order.
    private struct Page {
        let text: String
        let examples: [String]

        init(_ name: String) throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let file = root.appending(path: "Docs/\(name).md")
            text = try String(contentsOf: file, encoding: .utf8)
            examples = text.matches(of: /```yaml\n(.*?)```/.dotMatchesNewlines())
                .map { String($0.1) }
        }
    }
}
