import Foundation
import GitSource
import Model
import Testing

/// Commits of Gyre's own that have to be signed, with the real ssh-keygen and git.
@Suite(.timeLimit(.minutes(10)))
struct SignedRestoreTests {
    private let fixture: Fixture
    private let app: WorkTree
    private let bare: RepositoryURL
    /// Gyre's.
    private let key: String
    private let list: String

    init() throws {
        fixture = try Fixture()
        app = try fixture.repository()
        key = "\(fixture.root)/gyre"
        list = "\(fixture.root)/allowed"
        try Self.makeKey(key)
        try app.write("one", to: "compose.yaml")
        try app.commit("one")
        try app.write("two", to: "compose.yaml")
        try app.commit("two")
        try app.git("clone", "-q", "--bare", ".", fixture.root + "/bare.git")
        bare = try RepositoryURL(parsing: fixture.root + "/bare.git")
    }

    private static func makeKey(_ path: String, passphrase: String = "") throws {
        try run([
            "ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "x", "-f", path,
        ])
    }

    private func allow(_ key: String) throws {
        let words = try publicKey(key)
        try "gyre namespaces=\"git\" \(words)\n"
            .write(toFile: list, atomically: true, encoding: .utf8)
    }

    private func publicKey(_ key: String) throws -> String {
        try String(contentsOfFile: key + ".pub", encoding: .utf8)
            .split(separator: " ").prefix(2).joined(separator: " ")
    }

    private func git(_ arguments: String...) throws -> String {
        try run(["git", "-C", bare.path] + arguments)
    }

    private func restore(
        with key: String?,
        among signers: Signers?,
        isPushed: Bool = true
    ) async throws -> Restored {
        var rules = GitRules()
        rules.signingKey = key
        let source = fixture.mirrors(rules)
        _ = try await source.head(of: "main", at: bare)
        let one = try await source.commit(try app.git("rev-parse", "HEAD~1"), at: bare)
        return try await source.restore(
            Restoration(
                "",
                from: one,
                onto: "main",
                message: "Roll back\n\nGyre-Rollback: shop\n",
                author: .init(name: "Gyre", email: "gyre@example.org", seconds: 1_800_000_000)
            ),
            at: bare,
            among: signers,
            isPushed: isPushed
        )
    }

    private func refusal(with key: String?, among signers: Signers?) async throws -> String {
        let before = try git("rev-parse", "main")
        do {
            let restored = try await restore(with: key, among: signers)
            Issue.record("nothing was refused: \(restored)")
            return ""
        } catch let error as GitError {
            #expect(error.code == .cannotSign, "\(error)")
            #expect(try git("rev-parse", "main") == before)
            return error.message
        }
    }

    @Test func gitFindsTheSignatureGood() async throws {
        try allow(key)
        let signers = Signers(ssh: list)
        let commit = try #require(try await restore(with: key, among: signers).commit)
        #expect(try git("rev-parse", "main") == commit.id)
        #expect(try git("show", "main:compose.yaml") == "one")
        // Fails where the signature is not good.
        _ = try git("-c", "gpg.ssh.allowedSignersFile=\(list)", "verify-commit", commit.id)
        let who = try git(
            "-c",
            "gpg.ssh.allowedSignersFile=\(list)",
            "log",
            "-1",
            "--format=%G? %GS %an <%ae>",
            commit.id
        )
        #expect(who == "G gyre Gyre <gyre@example.org>")
        _ = try git("fsck", "--strict")
        // And so does Gyre, when it is fetched again.
        let head = try await fixture.source.head(of: "main", at: bare)
        let signer = try await fixture.source.signer(
            of: head,
            following: .branch("main"),
            at: bare,
            among: signers
        )
        #expect(signer == "gyre")
    }

    @Test func signsWhereNobodyHasToAsWell() async throws {
        let commit = try #require(try await restore(with: key, among: nil).commit)
        #expect(try git("cat-file", "commit", commit.id).contains("gpgsig -----BEGIN SSH"))
    }

    @Test func withoutAKeyNothingIsSignedNorPushedWhereItMust() async throws {
        try allow(key)
        let why = try await refusal(with: nil, among: Signers(ssh: list))
        #expect(why.contains("signing_key"))
        let commit = try #require(try await restore(with: nil, among: nil).commit)
        #expect(!(try git("cat-file", "commit", commit.id).contains("gpgsig")))
    }

    @Test func aKeyThatNobodyCountsIsToldWithTheLineToAdd() async throws {
        let other = "\(fixture.root)/eve"
        try Self.makeKey(other)
        try allow(other)
        let why = try await refusal(with: key, among: Signers(ssh: list))
        let line = "gyre namespaces=\"git\" \(try publicKey(key))"
        #expect(why.contains("add this line to \(list): \(line)"))
        // A list of another kind alone has no place for it.
        let ring = try await refusal(with: key, among: Signers(openPGP: list))
        #expect(ring.contains("a file that \"ssh\" under \"signers\" names"))
        // And that line does it.
        try (line + "\n").write(toFile: list, atomically: true, encoding: .utf8)
        #expect(try await restore(with: key, among: Signers(ssh: list)).commit != nil)
    }

    @Test func aDryRunSaysTheSame() async throws {
        try allow(key)
        let restored = try await restore(with: key, among: Signers(ssh: list), isPushed: false)
        #expect(restored.commit == nil && restored.changes.map(\.path) == ["compose.yaml"])
        await expectError(.cannotSign) {
            try await restore(with: nil, among: Signers(ssh: list), isPushed: false)
        }
    }

    @Test func aKeyThatOthersMayReadIsNotUsed() async throws {
        try allow(key)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        let why = try await refusal(with: key, among: Signers(ssh: list))
        #expect(why.contains("others may read it; chmod 600 \(key)"))
    }

    @Test func whatIsNoKeyIsTold() async throws {
        let locked = "\(fixture.root)/locked"
        try Self.makeKey(locked, passphrase: "geheim")
        try allow(locked)
        let signers = Signers(ssh: list)
        #expect(try await refusal(with: locked, among: signers).contains("passphrase"))
        #expect(try await refusal(with: "/nowhere", among: signers).contains("can't be read"))
        #expect(try await refusal(with: list, among: signers).contains("others may read it"))
    }
}
