import Glibc

/// A server that accepts every connection, at any address of this machine, and says nothing.
///
/// Each address below 127/8 is another host to Gyre.
final class SilentServer {
    let port: Int
    private let socket: Int32
    private var connections: [Int32] = []

    init() throws {
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | UInt32(O_CLOEXEC)), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) == 0 && listen(listener, 256) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard isListening, fcntl(listener, F_SETFL, O_NONBLOCK) == 0 else {
            close(listener)
            throw Program.Failure(description: "no port to listen on")
        }
        socket = listener
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit {
        for connection in connections { close(connection) }
        close(socket)
    }

    /// Where one of its hosts is.
    func host(_ number: Int) -> String { "127.0.\(number / 250).\(number % 250 + 2):\(port)" }

    /// How many of those that came are still there.
    func callers() -> Int {
        while case let connection = accept(socket, nil, nil), connection >= 0 {
            connections.append(connection)
        }
        var byte: UInt8 = 0
        connections.removeAll { connection in
            while recv(connection, &byte, 1, Int32(MSG_DONTWAIT)) > 0 {}
            let isThere = recv(connection, &byte, 1, Int32(MSG_DONTWAIT)) < 0
            if !isThere { close(connection) }
            return !isThere
        }
        return connections.count
    }
}
