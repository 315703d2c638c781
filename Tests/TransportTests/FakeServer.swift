import Foundation
import Glibc
import Synchronization

/// A server on a unix socket that answers as a test says, right or wrong.
///
/// It stands in for faults that no real server can be made to show. It listens until the process
/// ends: a test may let go of it while a call is still under way.
final class FakeServer: Sendable {
    /// What a request is answered with, and what happens to the connection then.
    struct Reply: Sendable {
        enum Then: Sendable { case keepOpen, close, fallSilent }

        var pieces: [[UInt8]]
        var then = Then.keepOpen

        /// These exact bytes.
        static func raw(_ text: String, then: Then = .close) -> Reply {
            Reply(pieces: [Array(text.utf8)], then: then)
        }

        /// A complete answer.
        static func status(_ status: Int, _ body: String = "", headers: String = "") -> Reply {
            let length = "Content-Length: \(body.utf8.count)\r\n"
            return raw("HTTP/1.1 \(status) X\r\n\(length)\(headers)\r\n\(body)", then: .keepOpen)
        }

        /// A body in chunks, complete or not.
        static func chunks(_ chunks: [String], then: Then, isComplete: Bool) -> Reply {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            let pieces = chunks.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }
            let end = isComplete ? ["0\r\n\r\n"] : []
            return Reply(pieces: ([head] + pieces + end).map { Array($0.utf8) }, then: then)
        }
    }

    let path: String
    private let log = Log()

    /// Every request line and head with its body, in the order in which they came.
    var requests: [String] { log.requests.withLock { $0 } }
    var connections: Int { log.connections.withLock { $0 } }

    init(_ answer: @escaping @Sendable (String) -> Reply) throws {
        let path = "/tmp/gyre-test-\(UUID().uuidString.prefix(13)).sock"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try FakeServer.withAddress(path) { address, size in
            guard bind(listener, address, size) == 0, listen(listener, 64) == 0 else {
                throw POSIXError(.EADDRINUSE)
            }
        }
        self.path = path
        FakeServer.leftovers.withLock { $0.append(path) }
        Thread.detachNewThread { [log] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                log.connections.withLock { $0 += 1 }
                Thread.detachNewThread {
                    FakeServer.serve(connection) { request in
                        log.requests.withLock { $0.append(request) }
                        return answer(request)
                    }
                    close(connection)
                }
            }
        }
    }

    /// Removes the sockets when the process ends.
    private static let leftovers: Mutex<[String]> = {
        atexit { FakeServer.leftovers.withLock { for path in $0 { unlink(path) } } }
        return Mutex([])
    }()

    /// What the server has seen.
    private final class Log: Sendable {
        let requests = Mutex<[String]>([])
        let connections = Mutex(0)
    }

    private static func serve(_ connection: Int32, _ answer: (String) -> Reply) {
        while let request = readRequest(connection) {
            let reply = answer(request)
            for piece in reply.pieces where !write(piece, to: connection) { return }
            switch reply.then {
            case .keepOpen: continue
            case .close: return
            case .fallSilent:
                // Until the other side leaves.
                var byte: UInt8 = 0
                while recv(connection, &byte, 1, 0) > 0 {}
                return
            }
        }
    }

    /// Head and body of one request; nil when the other side has left.
    private static func readRequest(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        let head = String(decoding: bytes, as: UTF8.self)
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
        for _ in 0..<(length.flatMap { Int($0.dropFirst(16)) } ?? 0) {
            guard recv(connection, &byte, 1, 0) == 1 else { return nil }
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(
                    connection,
                    buffer.baseAddress.map { $0 + sent },
                    bytes.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
