import Foundation
import Testing

/// Repositories whose commits have to be signed.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct SignatureTests {
    @Test func `what nobody has signed is held, and what is signed is deployed`() async throws {
        try await Stage.run("signed") { stage in
            let team = try await stage.team()
            let (ada, eve) = ("\(stage.folder)/ada", "\(stage.folder)/eve")
            for key in [ada, eve] {
                try await Program.check([
                    "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", key,
                ])
            }
            let list = "\(stage.folder)/signers"
            let key = try String(contentsOfFile: "\(ada).pub", encoding: .utf8)
            try Files.write("ada@example.org \(key)", to: list)
            let entry = "{url: \(team.url), polling: 1h, signers: {ssh: \(list)}}"
            try stage.configure("  \(stage.name): {repositories: [\(entry)]}")

            let first = try await team.push(Compose.web("1.0"), signedBy: ada)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let before = try await stage.container("web-1")

            // An empty commit would be the end of the stack, if it counted.
            for (files, key) in [(Compose.web("2.0"), nil), (Compose.web("2.0"), eve), ("", nil)] {
                if let key {
                    try await team.push(files, signedBy: key)
                } else {
                    try await team.push(files.isEmpty ? [:] : ["compose.yaml": files])
                }
                try await stage.gyre.run("sync", "--wait")
                let word = key == nil ? "[unsigned]" : "[signature-refused]"
                try await stage.gyre.until("it says \(word)") {
                    $0.repositories[0].problem?.contains(word) ?? false
                }
                try await stage.remains([before.id])
            }
            let rollback = try await stage.gyre.run("rollback", stage.name)
            #expect(!rollback.isSuccess, "\(rollback)")

            // Nor after a restart, and what ran is repaired.
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.until("it says so again") {
                $0.repositories[0].problem?.contains("[unsigned]") ?? false
            }
            try await stage.remains([before.id])

            let last = try await team.push(Compose.web("2.0"), signedBy: ada)
            try await stage.gyre.run("sync", "--wait")
            try await stage.gyre.ready(at: last)
        }
    }
}
