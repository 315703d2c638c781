import Testing
import Transport

@Suite(.timeLimit(.minutes(10)))
struct HTTPStreamTests {
    let client: HTTPClient

    init() throws { client = try HTTPClient(connections: 8) }

    private func get(_ server: FakeServer) -> HTTPRequest {
        HTTPRequest("GET", "http://docker/events", socketPath: server.path, totalTimeout: nil)
    }

    @Test func handsOnEveryByteInOrder() async throws {
        let chunks = (0..<500).map { String(repeating: "\($0 % 10)", count: 3000) }
        let server = try FakeServer { _ in .chunks(chunks, then: .keepOpen, isComplete: true) }
        let stream = try await client.stream(get(server), bufferLimit: 20_000)
        #expect(stream.head.status == 200)
        var bytes: [UInt8] = []
        for try await piece in stream.body {
            bytes += piece
            // Slower than the sender, so that it is paused.
            if bytes.count % 7 == 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
        #expect(bytes == chunks.flatMap { Array($0.utf8) })
    }

    @Test func makesTheSenderWaitForASlowReader() async throws {
        let chunk = String(repeating: "x", count: 60_000)
        let server = try FakeServer { _ in
            .chunks(Array(repeating: chunk, count: 200), then: .keepOpen, isComplete: true)
        }
        let stream = try await client.stream(get(server), bufferLimit: 100_000)
        try await Task.sleep(for: .milliseconds(50))
        var largest = 0
        var total = 0
        for try await piece in stream.body {
            largest = max(largest, piece.count)
            total += piece.count
        }
        #expect(total == 12_000_000)
        #expect(largest <= 100_000)
    }

    @Test func aCancelledReaderSeesNoEnd() async throws {
        let server = try FakeServer { _ in .chunks(["a"], then: .fallSilent, isComplete: false) }
        let stream = try await client.stream(get(server))
        let reader = Task {
            var pieces = 0
            do {
                for try await _ in stream.body { pieces += 1 }
                return "ended after \(pieces)"
            } catch is CancellationError {
                return "cancelled after \(pieces)"
            }
        }
        try await Task.sleep(for: .milliseconds(20))
        reader.cancel()
        #expect(try await reader.value == "cancelled after 1")
    }

    @Test func aServerThatDiesIsNoEnd() async throws {
        let server = try FakeServer { _ in .chunks(["abc"], then: .close, isComplete: false) }
        let stream = try await client.stream(get(server))
        var text: [UInt8] = []
        let error = await failure { for try await piece in stream.body { text += piece } }
        #expect(text == Array("abc".utf8))
        #expect(error?.code == .closedEarly)
    }

    @Test func lettingGoOfTheBodyEndsTheTransfer() async throws {
        let server = try FakeServer { _ in .chunks(["a"], then: .fallSilent, isComplete: false) }
        let small = try HTTPClient(connections: 1)
        for _ in 0..<5 {
            // With one connection the next can only be answered once the last has gone.
            let stream = try await small.stream(get(server))
            #expect(stream.head.status == 200)
        }
    }
}
