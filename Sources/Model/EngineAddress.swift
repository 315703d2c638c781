/// Where a Docker engine listens, as `docker --host` spells it.
///
/// Source: docker(1): `unix:///PATH`, `tcp://HOST:PORT` and `ssh://USER@HOST:PORT/PATH`; the port
/// of tcp is 2376 unless it is said, the socket behind ssh `/var/run/docker.sock`.
package enum EngineAddress: Hashable, Codable, Sendable, CustomStringConvertible {
    case unix(path: String)
    /// Over TLS, where both sides prove who they are.
    case tcp(host: String, port: Int)
    /// A socket of another machine, through its ssh server.
    case ssh(account: Account, socket: String)

    /// Whom an ssh server lets in.
    package struct Account: Hashable, Codable, Sendable {
        /// nil is ssh's own choice, the name of who runs Gyre.
        package var user: String?
        /// A name or an address, without brackets.
        package var host: String
        /// nil is 22.
        package var port: Int?

        package init(user: String? = nil, host: String, port: Int? = nil) {
            self.user = user
            self.host = host
            self.port = port
        }
    }

    /// nil for what is no such address.
    package init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let rest = text[mark.upperBound...]
        switch text[..<mark.lowerBound] {
        case "unix":
            guard EngineAddress.isPath(rest) else { return nil }
            self = .unix(path: String(rest))
        case "tcp":
            guard let (host, port) = EngineAddress.place(rest) else { return nil }
            self = .tcp(host: host, port: port ?? 2376)
        case "ssh":
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            let socket = rest[slash...]
            let parts = rest[..<slash].split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count <= 2, let last = parts.last,
                let (host, port) = EngineAddress.place(last),
                socket.isEmpty || socket == "/" || EngineAddress.isPath(socket, without: " :\"\\$%")
            else { return nil }
            let user = parts.count == 2 ? parts[0] : nil
            guard user.map(EngineAddress.isUser) ?? true else { return nil }
            self = .ssh(
                account: Account(user: user.map(String.init), host: host, port: port),
                socket: socket.count > 1 ? String(socket) : "/var/run/docker.sock"
            )
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .unix(let path): return "unix://\(path)"
        case .tcp(let host, let port): return "tcp://\(EngineAddress.bracketed(host)):\(port)"
        case .ssh(let account, let socket):
            let user = account.user.map { "\($0)@" } ?? ""
            let port = account.port.map { ":\($0)" } ?? ""
            return "ssh://\(user)\(EngineAddress.bracketed(account.host))\(port)\(socket)"
        }
    }

    /// What messages call it: the path of a socket, or the URL.
    package var place: String {
        if case .unix(let path) = self { path } else { description }
    }

    /// A host, as a URL has it.
    package static func bracketed(_ host: String) -> String {
        host.contains(":") ? "[\(host)]" : host
    }

    /// An absolute path as short as it can be, without characters that mean something else to
    /// whoever is given it.
    private static func isPath(_ text: Substring, without special: String = "") -> Bool {
        guard text.hasPrefix("/"), text.utf8.count < 4096 else { return false }
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && scalar.value != 0x7F
                    && !special.unicodeScalars.contains(scalar)
            }
    }

    private static func isUser(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-") else { return false }
        return text.utf8.allSatisfy { isWord($0) }
    }

    /// A host and its port, where one is written.
    private static func place(_ text: Substring) -> (host: String, port: Int?)? {
        var host = text
        var port: Int?
        let end = text.lastIndex(of: "]") ?? text.startIndex
        if let colon = text[end...].lastIndex(of: ":") {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(digits), (1...65535).contains(number)
            else { return nil }
            (host, port) = (text[..<colon], number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast()
            let isAddress = address.utf8.allSatisfy { byte in
                byte == UInt8(ascii: ":") || (byte != UInt8(ascii: "-") && isWord(byte))
            }
            return isAddress && address.contains(":") ? (String(address), port) : nil
        }
        guard let first = host.utf8.first, first != UInt8(ascii: "-"),
            host.utf8.allSatisfy(isWord)
        else { return nil }
        return (String(host), port)
    }

    /// A letter, a digit, `.`, `_` or `-` of ASCII.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
