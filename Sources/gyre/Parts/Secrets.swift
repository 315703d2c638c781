internal import Glibc
internal import Model

/// Reads secrets where the operator's file says that they are, each time anew.
///
/// Nothing that is thrown has any part of a secret.
enum Secrets {
    /// Why a secret can't be had.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// Larger files hold something else.
    private static let limit = 64 << 10

    /// The secret, without the line's end that editors leave behind it.
    static func read(_ reference: SecretReference) throws -> String {
        var text =
            switch reference {
            case .file(let path): try contents(of: path)
            case .variable(let name): try value(of: name)
            }
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 }) else {
            throw Unreadable(description: "\(reference) is empty or holds more than one line")
        }
        return text
    }

    /// A link is followed: secrets are often mounted as one.
    private static func contents(of path: String) throws -> String {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, limit: limit, followingLink: true, isSecret: true)
        } catch {
            throw Unreadable(description: "\(error)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Unreadable(description: "\(path) holds no text")
        }
        return text
    }

    private static func value(of name: String) throws -> String {
        guard let value = getenv(name) else {
            throw Unreadable(description: "the variable \(name) is not set")
        }
        return String(cString: value)
    }
}
