/// Blanks what is no code in a Swift text: comments, and the insides of strings.
///
/// What stands in an interpolation `\(…)` is code and stays. Lines stay lines.
struct SwiftMask {
    /// The text with every byte that is no code as a space.
    static func code(of text: String) -> String {
        var mask = SwiftMask(Array(text.utf8))
        mask.run()
        return String(decoding: mask.output, as: UTF8.self)
    }

    private enum Context {
        /// Code, at how many open parentheses inside an interpolation.
        case code(open: Int)
        /// A string, its `#` and whether it may span lines.
        case string(hashes: Int, isLong: Bool)
    }

    private let input: [UInt8]
    private var output: [UInt8]
    private var at = 0
    private var contexts: [Context] = [.code(open: 0)]

    private init(_ input: [UInt8]) {
        self.input = input
        output = input
    }

    private mutating func run() {
        while at < input.count {
            switch contexts.last {
            case .code(let open): stepInCode(open)
            case .string(let hashes, let isLong): stepInString(hashes, isLong)
            case nil: return
            }
        }
    }

    private mutating func stepInCode(_ open: Int) {
        if sees("//") { return blankComment() }
        if sees("/*") { return blankLongComment() }
        let hashes = input[at...].prefix { $0 == UInt8(ascii: "#") }.count
        if sees(#"""#, after: hashes) {
            let isLong = sees(#"""""#, after: hashes)
            contexts.append(.string(hashes: hashes, isLong: isLong))
            at += hashes + (isLong ? 3 : 1)
            return
        }
        let isInterpolation = contexts.count > 1
        if isInterpolation, sees("(") { contexts[contexts.count - 1] = .code(open: open + 1) }
        if isInterpolation, sees(")") {
            contexts[contexts.count - 1] = .code(open: open - 1)
            if open == 1 { contexts.removeLast() }
        }
        at += max(hashes, 1)
    }

    private mutating func stepInString(_ hashes: Int, _ isLong: Bool) {
        let tail = String(repeating: "#", count: hashes)
        let quote = isLong ? #"""""# : #"""#
        if sees(quote + tail) {
            contexts.removeLast()
            at += quote.utf8.count + hashes
        } else if sees("\\" + tail + "(") {
            contexts.append(.code(open: 0))
            blank(1 + hashes)
        } else if sees("\\" + tail) {
            blank(2 + hashes)
        } else if sees("\n"), !isLong {
            contexts.removeLast()
        } else {
            blank(1)
        }
    }

    private mutating func blankComment() {
        while at < input.count, !sees("\n") { blank(1) }
    }

    private mutating func blankLongComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                blank(2)
            } else if sees("*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && at < input.count
    }

    private mutating func blank(_ count: Int) {
        for index in at..<min(at + count, input.count) where input[index] != UInt8(ascii: "\n") {
            output[index] = UInt8(ascii: " ")
        }
        at += count
    }

    private func sees(_ text: String, after offset: Int = 0) -> Bool {
        input[min(at + offset, input.count)...].starts(with: text.utf8)
    }
}
