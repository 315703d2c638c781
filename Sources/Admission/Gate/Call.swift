internal import Model

/// A request's method, path and query, taken apart.
struct Call {
    let action: EngineRequest.Action
    let method: String
    let path: [String]
    let target: String?
    private let query: [EngineRequest.QueryItem]

    /// Refuses a path with anything but plain names in it: no escapes, no dots alone, no query.
    init(_ request: EngineRequest) throws(Objection) {
        action = request.action
        method = request.method
        target = request.target
        query = request.query
        guard request.path.utf8.first == 0x2F else {
            throw Objection(.call, "path", "the path is not absolute")
        }
        path = request.path.dropFirst()
            .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy(Text.isName) else {
            throw Objection(.call, "path", "a part of the path is no plain name")
        }
    }

    /// The one part of the path that `pattern` leaves open with `*`, or an empty text.
    @discardableResult
    func matches(_ method: String, _ pattern: String...) throws(Objection) -> String {
        guard Text.equal(self.method, method) else {
            throw Objection(.call, "method", "\(action.rawValue) is a \(method)")
        }
        guard path.count == pattern.count,
            zip(path, pattern).allSatisfy({ $1 == "*" || Text.equal($0, $1) })
        else {
            throw Objection(.call, "path", "this is not the path of \(action.rawValue)")
        }
        return zip(path, pattern).first { $1 == "*" }?.0 ?? ""
    }

    /// Values of the query by name; every name is in `allowed`, and none comes twice.
    func queries(_ allowed: String...) throws(Objection) -> [String: String] {
        var values: [String: String] = [:]
        for item in query {
            guard allowed.contains(where: { Text.equal($0, item.name) }) else {
                throw Objection(.call, "query", "a parameter is not known")
            }
            guard values.updateValue(item.value, forKey: item.name) == nil else {
                throw Objection(.call, "query.\(item.name)", "the parameter comes twice")
            }
        }
        return values
    }
}
