import Foundation
import Glibc

/// A TCP server on the loopback interface that misbehaves as a test says.
final class HostileServer: Sendable {
    private let listener: Listener
    var port: Int { listener.port }

    /// Runs `behave` on a thread of its own for each connection, which is closed afterwards.
    init(_ behave: @escaping @Sendable (Int32) -> Void) throws {
        listener = try Listener()
        let socket = listener.socket
        Thread.detachNewThread {
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread {
                    behave(connection)
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener.socket, Int32(SHUT_RDWR))
        listener.close()
    }

    /// Whether all of it could be written.
    static func send(_ text: String, to connection: Int32) -> Bool {
        send(Array(text.utf8), to: connection)
    }

    static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
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

    /// Reads until the other side is silent or gone.
    static func drain(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        _ = recv(connection, &buffer, buffer.count, 0)
    }

    /// What the other side says first.
    static func request(_ connection: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    /// Waits until the other side hangs up.
    static func waitForEnd(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while recv(connection, &buffer, buffer.count, 0) > 0 {}
    }

    static let advertisement =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\r\n"
}
