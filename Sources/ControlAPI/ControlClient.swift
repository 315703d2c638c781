package import Model
package import Reconciliation
internal import Transport

/// A controller on the other side of its socket.
package struct ControlClient: Control {
    private let socket: ControlSocket
    private let client: HTTPClient

    /// Connects when the first question is asked.
    package init(_ socket: ControlSocket) throws {
        self.socket = socket
        client = try HTTPClient(connections: 4)
    }

    /// Which program answers.
    package func version() async throws -> ControllerVersion { try await get("version") }

    /// Where everything stands.
    package func status() async throws -> ControllerStatus { try await get("status") }

    /// What projects have reserved.
    package func usage() async throws -> [ProjectUsage] { try await get("usage") }

    /// What is known of the nodes.
    package func nodes() async throws -> [NodeStatus] { try await get("nodes") }

    /// The volumes of a stack, or of all.
    package func volumes(of stack: StackID?) async throws -> [VolumeStatus] {
        try await ask("GET", "volumes", query: query(("stack", stack?.description)))
    }

    /// Removes one; `person` is not sent.
    package func removeVolume(
        _ name: String,
        of stack: StackID,
        change: String,
        by person: Person
    ) async throws {
        let body = try ControlCoding.encode(VolumeDemand(volume: name, change: change))
        let _: Done = try await ask("POST", path(stack, "volumes/removal"), body: body)
    }

    /// Begins to read one; `person` is not sent.
    package func exportVolume(
        _ question: VolumeQuestion,
        of stack: StackID,
        by person: Person
    ) async throws -> Pieces {
        let body = try ControlCoding.encode(question)
        var request = request("POST", path(stack, "volumes/export"), body: body, within: nil)
        request.headTimeout = .seconds(90)
        request.stallTimeout = .seconds(300)
        let stream = try await reaching { try await client.stream(request) }
        let pieces = stream.body.makeAsyncIterator()
        guard stream.head.status == 200 else {
            var body: [UInt8] = []
            while body.count < 1 << 20, let piece = try await pieces.next() { body += piece }
            throw failure(HTTPResponse(head: stream.head, body: body))
        }
        return Pieces { try await pieces.next() }
    }

    /// Has a node's stacks moved away.
    package func drain(_ node: String, by person: Person) async throws {
        let _: Done = try await ask("POST", "nodes/\(ControlClient.encoded(node))/drain")
    }

    /// Ends that.
    package func undrain(_ node: String, by person: Person) async throws {
        let _: Done = try await ask("POST", "nodes/\(ControlClient.encoded(node))/undrain")
    }

    /// Takes a person's word that a node is off.
    package func fence(_ node: String, by person: Person) async throws {
        let _: Done = try await ask("POST", "nodes/\(ControlClient.encoded(node))/fence")
    }

    /// Takes a person's word that a node's engine was replaced.
    package func accept(_ node: String, by person: Person) async throws {
        let _: Done = try await ask("POST", "nodes/\(ControlClient.encoded(node))/accept")
    }

    /// Asks repositories and reconciles now; `person` is not sent.
    package func sync(_ stack: StackID?, by person: Person) async throws {
        let _: Done = try await ask("POST", "sync", query: query(("stack", stack?.description)))
    }

    /// Asks, and waits as long as it takes: a deployment has deadlines of its own.
    package func syncAndWait(
        _ stack: StackID?,
        by person: Person
    ) async throws -> [StackStatus] {
        let query = query(("stack", stack?.description), ("wait", "true"))
        return try await ask("POST", "sync", query: query, within: nil)
    }

    /// What a pass would do.
    package func plan(_ stack: StackID) async throws -> StackPlan {
        try await get(path(stack, "plan"))
    }

    /// What the head would change.
    package func diff(_ stack: StackID) async throws -> StackDiff {
        try await get(path(stack, "diff"))
    }

    /// What policy says of what runs; of many stacks that takes its time.
    package func policyReport(of scope: PolicyScope) async throws -> PolicyReport {
        let query =
            switch scope {
            case .all: ""
            case .project(let project): query(("project", project))
            case .stack(let stack): query(("stack", stack.description))
            }
        return try await ask("GET", "policy", query: query, within: nil)
    }

    /// What enforcing policy would do.
    package func enforcement(of stack: StackID) async throws -> StackEnforcement {
        try await get(path(stack, "enforcement"))
    }

    /// Does it.
    package func enforce(_ stack: StackID, change: String, by person: Person) async throws {
        let body = try ControlCoding.encode(ConfirmDemand(change: change))
        let _: Done = try await ask("POST", path(stack, "enforcement"), body: body)
    }

    /// The server asks the kernel who asks; `person` is not sent.
    package func confirm(_ stack: StackID, change: String, by person: Person) async throws {
        let body = try ControlCoding.encode(ConfirmDemand(change: change))
        let _: Done = try await ask("POST", path(stack, "confirm"), body: body)
    }

    /// Lets held versions be tried again.
    package func release(_ stack: StackID, by person: Person) async throws -> Int {
        let answer: ReleaseAnswer = try await ask("POST", path(stack, "release"))
        return answer.released
    }

    /// Pushes what brings an earlier version back; a slow server has deadlines of its own.
    package func rollback(
        _ stack: StackID,
        _ demand: RollbackDemand,
        by person: Person
    ) async throws -> Rollback {
        let body = try ControlCoding.encode(demand)
        return try await ask("POST", path(stack, "rollback"), body: body, within: nil)
    }

    /// What a recovery would take for ours.
    package func recoveryFindings() async throws -> RecoveryFindings { try await get("recovery") }

    /// Confirms a recovery.
    package func recover(
        by person: Person,
        taking names: Set<String>
    ) async throws -> RecoveryFindings {
        let body = try ControlCoding.encode(RecoveryDemand(take: names.sorted()))
        return try await ask("POST", "recovery", body: body)
    }

    /// What runs did.
    package func history(_ query: HistoryQuery) async throws -> [RunRecord] {
        try await ask(
            "GET",
            "history",
            query: self.query(
                ("stack", query.stack?.description),
                ("run", query.run),
                ("limit", String(query.limit))
            )
        )
    }

    /// Names of projects and stacks need no encoding.
    private func path(_ stack: StackID, _ question: String) -> String {
        "stacks/\(stack.project)/\(stack.stack)/\(question)"
    }

    private func query(_ items: (name: String, value: String?)...) -> String {
        let texts = items.compactMap { item in
            item.value.map { "\(item.name)=\(ControlClient.encoded($0))" }
        }
        return texts.isEmpty ? "" : "?" + texts.joined(separator: "&")
    }

    /// Percent-encodes all but what RFC 3986 calls unreserved.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    private func get<T: Decodable>(_ path: String) async throws -> T { try await ask("GET", path) }

    /// A plan may have to ask the engine, so an answer may take as long as that.
    private func ask<T: Decodable>(
        _ method: String,
        _ path: String,
        query: String = "",
        body: [UInt8]? = nil,
        within limit: Duration? = .seconds(90)
    ) async throws -> T {
        let request = request(method, path, query: query, body: body, within: limit)
        let response = try await reaching { try await client.send(request) }
        guard (200..<300).contains(response.status) else { throw failure(response) }
        do {
            return try ControlCoding.decode(T.self, from: response.body)
        } catch {
            throw ControlFailure(
                .failed,
                "the controller's answer to \(path) can't be read: \(error)",
                remedy: "compare gyre version with the controller's"
            )
        }
    }

    private func request(
        _ method: String,
        _ path: String,
        query: String = "",
        body: [UInt8]?,
        within limit: Duration?
    ) -> HTTPRequest {
        HTTPRequest(
            method,
            "http://gyre/v1/\(path)\(query)",
            socketPath: socket.path,
            headers: body == nil ? [] : [.init("Content-Type", "application/json")],
            body: body ?? (method == "POST" ? [] : nil),
            connectTimeout: .seconds(5),
            totalTimeout: limit,
            maxResponseBytes: 256 << 20
        )
    }

    private func reaching<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as TransportError {
            throw ControlFailure(
                .unreachable,
                "the controller does not answer: \(error)",
                remedy: "see that gyre serve runs with the same gyre.yaml"
            )
        }
    }

    private func failure(_ response: HTTPResponse) -> ControlFailure {
        (try? ControlCoding.decode(ControlFailure.self, from: response.body))
            ?? ControlFailure(.failed, "the controller answered with status \(response.status)")
    }
}
