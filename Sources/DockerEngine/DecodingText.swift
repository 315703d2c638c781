/// What a decoder complains of, in one sentence without the content.
enum DecodingText {
    static func of(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(type(of: error))" }
        switch error {
        case .typeMismatch(_, let context): return "another type at \(path(context.codingPath))"
        case .valueNotFound(_, let context): return "nothing at \(path(context.codingPath))"
        case .keyNotFound(let key, let context):
            return "nothing at \(path(context.codingPath + [key]))"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "no valid JSON" : "\(context.debugDescription) at \(path(context.codingPath))"
        @unknown default: return "an unknown error"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty
            ? "the top"
            : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
