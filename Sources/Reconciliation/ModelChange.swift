package import Model

/// One value that differs between two compose models.
package struct ModelChange: Hashable, Codable, Sendable {
    /// Such as `services.web.image`.
    package var path: String
    /// As JSON; nil where there is none.
    package var from: String?
    package var to: String?

    package init(path: String, from: String?, to: String?) {
        self.path = path
        self.from = from
        self.to = to
    }

    /// The most that is told; a diff is for people.
    package static let limit = 1000

    /// The leaves in which `new` differs from `old`, by path.
    ///
    /// Values of variables whose names sound like a secret are not told, only that they differ.
    package static func between(_ old: JSON, _ new: JSON) -> [ModelChange] {
        var changes: [ModelChange] = []
        collect(old, new, FieldPath(), &changes)
        return Array(changes.prefix(limit))
    }

    private static func collect(
        _ old: JSON?,
        _ new: JSON?,
        _ path: FieldPath,
        _ changes: inout [ModelChange]
    ) {
        let (old, new) = (told(old), told(new))
        guard old != new, changes.count < limit else { return }
        let members = (old?.objectValue ?? [:], new?.objectValue ?? [:])
        let elements = (old?.arrayValue ?? [], new?.arrayValue ?? [])
        let keys = Set(members.0.keys).union(members.1.keys)
        let count = max(elements.0.count, elements.1.count)
        guard !keys.isEmpty || count > 0, isSame(old, new), !isLeaf(old ?? new) else {
            let isHidden = isSecret(path)
            func text(_ value: JSON?) -> String? { value.map { isHidden ? "•••" : $0.text } }
            changes.append(
                ModelChange(path: path.description, from: text(old), to: text(new))
            )
            return
        }
        for key in keys.sorted() {
            collect(members.0[key], members.1[key], path / key, &changes)
        }
        for index in 0..<count {
            let old = index < elements.0.count ? elements.0[index] : nil
            let new = index < elements.1.count ? elements.1[index] : nil
            collect(old, new, path[index], &changes)
        }
    }

    /// What says nothing is like what is not there.
    private static func told(_ value: JSON?) -> JSON? {
        switch value {
        case .null, .object([:]), .array([]), nil: nil
        case let value?: value
        }
    }

    /// A list of plain values, such as a command, reads best in one piece.
    private static func isLeaf(_ value: JSON?) -> Bool {
        guard let elements = value?.arrayValue else { return false }
        return elements.allSatisfy { $0.arrayValue == nil && $0.objectValue == nil }
    }

    /// Whether both are mappings, or both lists; what is missing is like anything.
    private static func isSame(_ a: JSON?, _ b: JSON?) -> Bool {
        switch (a, b) {
        case (.object, .object), (.array, .array), (nil, _), (_, nil): true
        default: false
        }
    }

    private static func isSecret(_ path: FieldPath) -> Bool {
        guard path.components.dropLast().last == .key("environment"),
            case .key(let name)? = path.components.last
        else { return false }
        return SecretName.isLikely(name)
    }
}
