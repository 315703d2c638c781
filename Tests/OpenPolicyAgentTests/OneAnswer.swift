import Foundation
import Glibc
import Synchronization

/// A server on a unix socket that gives everybody the same bytes, and remembers what it was asked.
final class OneAnswer: Sendable {
    let path = "/tmp/gyre-opa-\(UUID().uuidString.prefix(13)).sock"
    private let log = Log()

    private final class Log: Sendable { let requests = Mutex<[String]>([]) }

    var requests: [String] { log.requests.withLock { $0 } }

    /// nil answers nothing, for as long as anybody waits.
    init(_ answer: String?) throws {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard isBound == 0, listen(listener, 8) == 0 else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread { [log, path] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread {
                    let request = OneAnswer.read(connection)
                    log.requests.withLock { $0.append(request) }
                    guard let answer else { return }
                    _ = Array(answer.utf8).withUnsafeBytes { bytes in
                        send(
                            connection,
                            bytes.baseAddress,
                            bytes.count,
                            Int32(MSG_NOSIGNAL)
                        )
                    }
                    close(connection)
                    unlink(path)
                }
            }
        }
    }

    /// A head and as much of a body as it says.
    private static func read(_ connection: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            let parts = text.components(separatedBy: "\r\n\r\n")
            let length = text.lowercased().components(separatedBy: "content-length: ").dropFirst()
                .first.flatMap { Int($0.prefix { $0.isNumber }) }
            if parts.count > 1, parts[1].utf8.count >= length ?? 0 { return text }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return text }
            bytes += buffer[..<count]
        }
    }
}
