internal import FoundationEssentials
internal import Model

/// What a worker says of a request, as JSON.
///
/// To the parent it is a tenant's data: it came out of a process that read what a tenant wrote.
struct LoadAnswer: Codable {
    /// What the files come to; nil where nothing could be made of them.
    var reading: StackReading?
    /// Why nothing could be made of them.
    var refused: [Diagnostic]?

    init(_ result: Result<StackReading, Rejection>) {
        switch result {
        case .success(let reading): self.reading = reading
        case .failure(let rejection): refused = rejection.diagnostics
        }
    }

    /// Reads what a worker wrote about `request`, and sees that it is what a loader can say.
    init(parsing bytes: [UInt8], to request: LoadRequest) throws {
        guard LoadAnswer.depth(of: bytes) <= LoadAnswer.deepest else { throw Unusable("too deep") }
        do {
            self = try JSONDecoder().decode(LoadAnswer.self, from: Data(bytes))
        } catch {
            throw Unusable("no answer of a loader")
        }
        guard (reading == nil) != (refused == nil) else { throw Unusable("neither yes nor no") }
        if let reading {
            guard reading.stack.id == request.id,
                reading.stack.adoptedName == request.adoptedName
            else { throw Unusable("about another stack") }
            try LoadAnswer.check(reading.errors, all: .error)
            try LoadAnswer.check(reading.stack.warnings, all: .warning)
            if let other = reading.dockerStack {
                guard other.id == request.id, other.warnings.isEmpty else {
                    throw Unusable("about another stack")
                }
            }
            if let unused = reading.unused {
                guard unused.id == request.id, unused.services.isEmpty, unused.warnings.isEmpty
                else { throw Unusable("about another stack") }
            }
            if let dormant = reading.dormant {
                guard dormant.stack.id == request.id else { throw Unusable("about another stack") }
                try LoadAnswer.check(dormant.errors, all: .error)
                try LoadAnswer.check(dormant.stack.warnings, all: .warning)
            }
        }
        if let refused {
            try LoadAnswer.check(refused)
            guard refused.contains(where: { $0.severity == .error }) else {
                throw Unusable("a refusal without an error")
            }
        }
    }

    /// What the files come to, or why to nothing.
    func result() throws -> StackReading {
        if let refused { throw Rejection(refused) }
        guard let reading else { throw Unusable("neither yes nor no") }
        return reading
    }

    /// An answer that no loader of ours gives.
    struct Unusable: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    /// Nesting of values; the loader's own files have 64 levels at the most.
    static let deepest = 128
    /// The loader stops at 200 findings itself.
    private static let mostFindings = 1000

    static func check(
        _ findings: [Diagnostic],
        all severity: Diagnostic.Severity? = nil
    ) throws {
        guard findings.count <= mostFindings else { throw Unusable("too many findings") }
        guard findings.allSatisfy({ severity == nil || $0.severity == severity }) else {
            throw Unusable("findings of the wrong kind")
        }
    }

    /// How deep arrays and objects of a JSON text are nested, whatever else is wrong with it.
    static func depth(of text: [UInt8]) -> Int {
        var (depth, deepest) = (0, 0)
        var (isText, isEscaped) = (false, false)
        for byte in text {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }
}
