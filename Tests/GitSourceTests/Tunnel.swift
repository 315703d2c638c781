import Glibc

/// A proxy that connects to any port of the loopback interface (RFC 9110, section 9.3.6).
enum Tunnel {
    /// Serves one connection until either side ends.
    static func serve(_ client: Int32) {
        guard let port = port(asked(client)) else { return }
        let server = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(server) }
        guard Listener.connects(server, to: port),
            HostileServer.send("HTTP/1.1 200 Connection established\r\n\r\n", to: client)
        else { return }
        var ends = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&ends, 2, 60_000) > 0 {
            if ends[0].revents != 0, !pass(client, server) { return }
            if ends[1].revents != 0, !pass(server, client) { return }
        }
    }

    private static func asked(_ client: Int32) -> String {
        var text = ""
        var byte: UInt8 = 0
        while !text.hasSuffix("\r\n\r\n"), recv(client, &byte, 1, 0) == 1 {
            text.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return text
    }

    /// Of `CONNECT 127.0.0.1:8443 HTTP/1.1`.
    private static func port(_ request: String) -> Int? {
        let words = request.split(separator: " ")
        guard words.count > 1, words[0] == "CONNECT" else { return nil }
        return words[1].split(separator: ":").last.flatMap { Int($0) }
    }

    private static func pass(_ from: Int32, _ to: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = recv(from, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        return HostileServer.send(Array(buffer.prefix(count)), to: to)
    }
}
