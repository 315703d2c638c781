/// The way from the top of a compose model to one of its values, such as
/// `services.web.ports[0]`.
package struct FieldPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// One step down: into a mapping or into a list.
    package enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    package private(set) var components: [Component]

    package init(_ components: [Component] = []) {
        self.components = components
    }

    /// A path of mapping keys only.
    package init(_ keys: String...) {
        self.components = keys.map(Component.key)
    }

    /// The value below `key`.
    package static func / (path: FieldPath, key: String) -> FieldPath {
        FieldPath(path.components + [.key(key)])
    }

    /// The element at `index`.
    package subscript(index: Int) -> FieldPath {
        FieldPath(components + [.index(index)])
    }

    /// The path of the enclosing value; nil at the top.
    package var parent: FieldPath? {
        components.isEmpty ? nil : FieldPath(Array(components.dropLast()))
    }

    package var description: String {
        components.reduce(into: "") { text, component in
            switch component {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    package static func < (a: FieldPath, b: FieldPath) -> Bool {
        for (x, y) in zip(a.components, b.components) where x != y {
            switch (x, y) {
            case (.index(let i), .index(let j)): return i < j
            case (.key(let i), .key(let j)): return i < j
            case (.index, .key): return true
            case (.key, .index): return false
            }
        }
        return a.components.count < b.components.count
    }
}

extension FieldPath: Codable {
    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var components: [Component] = []
        while !list.isAtEnd {
            if let index = try? list.decode(Int.self) {
                components.append(.index(index))
            } else {
                components.append(.key(try list.decode(String.self)))
            }
        }
        self.init(components)
    }

    package func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for component in components {
            switch component {
            case .key(let key): try list.encode(key)
            case .index(let index): try list.encode(index)
            }
        }
    }
}
