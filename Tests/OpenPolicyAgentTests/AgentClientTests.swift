import Foundation
import Model
import OpenPolicyAgent
import Testing

/// What is posted, and what counts as an answer.
@Suite struct AgentClientTests {
    private static func answer(_ status: String, _ body: String, _ more: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
    }

    private func ask(
        _ server: OneAnswer,
        token: String? = nil,
        timeout: Nanoseconds = .seconds(120)
    ) async throws -> String {
        let agent = PolicyAgent(.unix(path: server.path), rule: "a/b", timeout: timeout)
        let body = try await AgentClient().ask(agent, token: token, Array(#"{"input":{}}"#.utf8))
        return String(decoding: body, as: UTF8.self)
    }

    private func refusal(_ answer: String?, timeout: Nanoseconds = .seconds(120)) async -> String {
        do {
            return "answered: " + (try await ask(OneAnswer(answer), timeout: timeout))
        } catch let error as AgentError {
            return error.description
        } catch {
            return "another error: \(error)"
        }
    }

    @Test func postsTheQuestionToTheRule() async throws {
        let server = try OneAnswer(Self.answer("200 OK", #"{"result":1}"#))
        #expect(try await ask(server, token: "s3cret") == #"{"result":1}"#)
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("POST /v1/data/a/b HTTP/1.1\r\n"))
        #expect(request.contains("Authorization: Bearer s3cret\r\n"))
        #expect(request.contains("Content-Type: application/json\r\n"))
        #expect(request.hasSuffix(#"{"input":{}}"#))
    }

    @Test func showsNoTokenWhereThereIsNone() async throws {
        let server = try OneAnswer(Self.answer("200 OK", "{}"))
        _ = try await ask(server)
        #expect(server.requests.first?.contains("Authorization") == false)
    }

    @Test(arguments: ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent"])
    func followsNoRedirect(status: String) async {
        let there = Self.answer(status, "", "Location: http://127.0.0.1:1/x\r\n")
        #expect(await refusal(there) == "it redirects elsewhere, which is not followed")
    }

    @Test(arguments: [
        ("401 No", "it does not let Gyre in (status 401)"),
        ("404 No", "it answered with status 404"),
        ("500 No", "it answered with status 500"),
        ("204 No Content", "it answered with status 204"),
    ])
    func takesNoOtherStatus(status: String, why: String) async {
        #expect(await refusal(Self.answer(status, "")) == why)
    }

    @Test func takesNoAnswerThatIsTooLarge() async {
        let large = Self.answer("200 OK", String(repeating: "x", count: 2 << 20))
        #expect(await !refusal(large).hasPrefix("answered"))
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", "SSH-2.0-x\r\n", ""])
    func takesNoHalfAnswer(bytes: String) async {
        #expect(await !refusal(bytes).hasPrefix("answered"))
    }

    @Test func doesNotWaitForEver() async {
        #expect(await !refusal(nil, timeout: .seconds(1)).hasPrefix("answered"))
    }

    @Test func nobodyThereIsNoAnswer() async {
        let agent = PolicyAgent(.unix(path: "/nowhere/opa.sock"))
        await #expect(throws: AgentError.self) {
            try await AgentClient().ask(agent, token: nil, [])
        }
    }

    @Test func aKeyThatOthersMayReadIsNotUsed() async throws {
        let key = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try Data("x".utf8).write(to: URL(filePath: key))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        defer { try? FileManager.default.removeItem(atPath: key) }
        let agent = PolicyAgent(
            .unix(path: "/nowhere/opa.sock"),
            certificate: .init(file: "/nowhere/cert.pem", key: key)
        )
        let error = await #expect(throws: AgentError.self) {
            try await AgentClient().ask(agent, token: nil, [])
        }
        #expect(error?.description.contains("\(key): others may read it") == true)
    }
}

/// Where an agent may be.
@Suite struct PolicyAgentTests {
    @Test(arguments: [
        "https://opa.example.org", "https://opa.example.org:8181", "https://10.0.0.7:8181",
        "http://localhost:8181", "http://127.0.0.1:8181", "http://[::1]:8181",
        "unix:///run/opa.sock",
    ])
    func isFound(text: String) { #expect(PolicyAgent.Address(text) != nil) }

    @Test(arguments: [
        "http://opa.example.org:8181", "http://127.0.0.1.example.org", "opa.example.org", "",
        "https://user@opa.example.org", "https://user:pass@opa.example.org", "ftp://x",
        "https://opa.example.org/path", "https://opa.example.org/", "https://",
        "unix://run/opa.sock", "unix:///", "unix:////",
        "https://opa.example.org?x", "https://a b", "file:///x",
    ])
    func isRefused(text: String) {
        #expect(PolicyAgent.Address(text) == nil)
    }

    @Test func rulesAreNames() {
        for rule in ["gyre/verdict", "a", "A_1/b"] { #expect(PolicyAgent.isRule(rule)) }
        for rule in ["", "/a", "a/", "a//b", "a.b", "a/../b", "a?b", "ä", "a b"] {
            #expect(!PolicyAgent.isRule(rule), "\(rule)")
        }
    }
}
