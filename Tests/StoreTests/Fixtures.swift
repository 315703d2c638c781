import Foundation
import GRDB
import Model
import Store

/// A directory of a test's own, removed with it.
final class Directory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/gyre-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var journal: String { path + "/journal.sqlite" }
    var history: String { path + "/history.sqlite" }
    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// The bytes of a file, changed by `change`.
    func rewrite(_ file: String, _ change: (inout Data) -> Void) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        change(&bytes)
        try bytes.write(to: URL(fileURLWithPath: file))
    }
}

/// What somebody with the file and no respect for it does to the journal.
func tamper(_ path: String, _ statements: String...) throws {
    let database = try DatabaseQueue(path: path)
    try database.writeWithoutTransaction { database in
        let triggers = try Row.fetchAll(
            database,
            sql: "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        )
        for trigger in triggers {
            let name: String = trigger["name"]
            try database.execute(sql: "DROP TRIGGER \(name)")
        }
        for statement in statements { try database.execute(sql: statement) }
        for trigger in triggers { try database.execute(sql: trigger["sql"]) }
        try database.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try database.close()
}

extension Journal.Opening {
    var sound: Journal? { if case .sound(let journal) = self { journal } else { nil } }
    var reason: String? { if case .broken(let reason) = self { reason } else { nil } }
    var isMissing: Bool { if case .missing = self { true } else { false } }
}

let noon = Instant(milliseconds: 1_800_000_000_000)

func owned(_ id: Int) throws -> JournalEntry {
    .owned(
        OwnedObject(
            kind: .container,
            id: "c\(id)",
            name: "astro_web-\(id)",
            stack: try StackID(parsing: "astro/web"),
            claim: nil
        )
    )
}

/// A journal of `count` entries, closed again.
func fill(_ directory: Directory, _ count: Int) async throws {
    let journal = try Journal.create(at: directory.path)
    for number in 1...count { try await journal.append([owned(number)], at: noon) }
}

/// Numbers that follow from a seed alone.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    /// SplitMix64, of Steele, Lea and Flood, 2014.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
}

extension JournalEntry {
    /// Any entry, over few names, so that entries meet.
    static func any(_ dice: inout Dice) throws -> JournalEntry {
        let stack = try StackID(project: "p\(dice.pick(2))", stack: "s\(dice.pick(2))")
        let key = PinKey(stack: stack, service: "web", spec: "spec\(dice.pick(3))")
        let version = Version(commit: "c\(dice.pick(3))", digest: "d\(dice.pick(3))")
        let id = "id\(dice.pick(5))"
        switch dice.pick(12) {
        case 0:
            return .decided(
                Decision(
                    stack: stack,
                    commit: dice.pick(2) == 0 ? nil : "c1",
                    version: nil,
                    plan: "plan",
                    policy: "policy",
                    claims: ["t\(dice.pick(4))"],
                    run: "r1"
                )
            )
        case 1:
            let kinds: [OwnedObject.Kind] = [.container, .network, .volume]
            let kind = kinds[dice.pick(3)]
            let claim = dice.pick(2) == 0 ? nil : "t\(dice.pick(4))"
            return .owned(
                OwnedObject(kind: kind, id: id, name: "n \"\(id)\" é/", stack: stack, claim: claim)
            )
        case 2: return .gone(id: id, node: ["main", "b"][dice.pick(2)])
        case 3:
            return .pinned(key, ImagePin(reference: "httpd", imageID: "sha256:1", digest: nil))
        case 4: return .completed(key)
        case 5: return .volumeSeen(name: "v\(dice.pick(3))", stack: stack)
        case 6:
            guard dice.pick(2) == 0, let url = try? RepositoryURL(parsing: "/srv/\(id)") else {
                return .good(stack, version)
            }
            return .good(stack, version, at: VersionPlace(repository: url, folder: "web"))
        case 7: return .held(stack, Hold(version: version, reason: "exited 1\nat once"))
        case 8: return .released(stack, digest: version.digest, by: "root")
        case 9: return .confirmed(stack, change: "x", by: "root")
        case 10: return .stackRemoved(stack)
        default: return .recovered(objects: dice.pick(9), by: "root")
        }
    }
}
