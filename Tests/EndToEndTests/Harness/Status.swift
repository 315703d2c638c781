import Foundation

/// What `gyre status --json` says, as a program outside would read it.
struct Status: Decodable, Sendable {
    struct Repository: Decodable, Sendable {
        struct Outage: Decodable, Sendable {
            var since: Int
            var nextTry: Int?
        }

        var repository: String
        var problem: String?
        var outage: Outage?
        var head: Commit?
    }

    struct Commit: Decodable, Sendable {
        var id: String
        var message: String
    }

    struct Stack: Decodable, Sendable {
        struct Name: Decodable, Sendable {
            var project: String
            var stack: String
        }

        var stack: Name
        var node: String?
        var state: String
        var problems: [Problem]
        var head: Commit?
        var target: String?
        var good: String?
        var services: [Service]
        var run: Run?
        var ports: [Port]

        func has(_ kind: String) -> Bool { problems.contains { $0.kind == kind } }

        func problem(_ kind: String) -> Problem? { problems.first { $0.kind == kind } }

        func service(_ name: String) -> Service? { services.first { $0.name == name } }

        /// Whether the head runs, stable, and is this commit.
        func isReady(at commit: String) -> Bool {
            state == "ready" && target == commit && head?.id == commit && good == commit
        }
    }

    struct Port: Decodable, Sendable {
        var number: Int
        var isChosen: Bool
    }

    struct Run: Decodable, Sendable {
        var step: String?
    }

    struct Service: Decodable, Sendable {
        var name: String
        var wanted: Int?
        var running: Int
        var completed: Int
    }

    struct Problem: Decodable, Sendable {
        struct Diagnostic: Decodable, Sendable {
            struct Location: Decodable, Sendable {
                var file: String
                var line: Int
            }

            var code: String
            var message: String
            var location: Location?
        }

        var kind: String
        var message: String
        var diagnostics: [Diagnostic]
        var remedy: String
        var change: String?
    }

    var controller: String
    var engineProblem: String?
    var frozen: String?
    var stacks: [Stack]
    var repositories: [Repository]

    /// A stack by name; the only one there is when none is given.
    func stack(_ name: String? = nil) throws -> Stack {
        guard let name else {
            guard stacks.count == 1 else { throw Missing(what: "the one stack") }
            return stacks[0]
        }
        guard let found = stacks.first(where: { $0.stack.stack == name }) else {
            throw Missing(what: "stack \(name)")
        }
        return found
    }

    struct Missing: Error, CustomStringConvertible {
        var what: String
        var description: String { "the status does not have \(what)" }
    }
}

/// What `gyre plan --json` says.
struct PlanList: Decodable, Sendable {
    struct Plan: Decodable, Sendable {
        struct Step: Decodable, Sendable {
            var id: Int
            var text: String
            var reason: String
        }

        var steps: [Step]
    }

    var plans: [Plan]
}
