/// The way from the top of a compose model to one of its values, such as
/// `services.web.ports[0]`.
package struct FieldPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// One step down: into a mapping or into a list.
    package enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    /// One step and those before it; the paths of one tree share their beginnings, so that a step
    /// down costs the same at any depth.
    private final class Step: Sendable {
        let component: Component
        let parent: Step?
        /// Steps from the top down to it.
        let depth: Int

        init(_ component: Component, below parent: Step?) {
            self.component = component
            self.parent = parent
            depth = (parent?.depth ?? 0) + 1
        }
    }

    private let step: Step?

    private init(_ step: Step?) { self.step = step }

    package init(_ components: [Component] = []) {
        self.init(components.reduce(nil) { Step($1, below: $0) })
    }

    /// A path of mapping keys only.
    package init(_ keys: String...) {
        self.init(keys.reduce(nil) { Step(.key($1), below: $0) })
    }

    /// All steps from the top down.
    package var components: [Component] {
        var components: [Component] = []
        var next = step
        while let step = next {
            components.append(step.component)
            next = step.parent
        }
        return components.reversed()
    }

    /// The last step; nil at the top.
    package var last: Component? { step?.component }

    /// The value below `key`.
    package static func / (path: FieldPath, key: String) -> FieldPath {
        FieldPath(Step(.key(key), below: path.step))
    }

    /// The element at `index`.
    package subscript(index: Int) -> FieldPath {
        FieldPath(Step(.index(index), below: step))
    }

    /// The path of the enclosing value; nil at the top.
    package var parent: FieldPath? { step.map { FieldPath($0.parent) } }

    /// Whether it is `other` or stands below it.
    package func isWithin(_ other: FieldPath) -> Bool {
        guard let end = other.step else { return true }
        var next = step
        while let step = next, step.depth > end.depth { next = step.parent }
        return FieldPath(next) == other
    }

    package static func == (a: FieldPath, b: FieldPath) -> Bool {
        var (x, y) = (a.step, b.step)
        while let left = x, let right = y {
            if left === right { return true }
            guard left.component == right.component else { return false }
            (x, y) = (left.parent, right.parent)
        }
        return x == nil && y == nil
    }

    package func hash(into hasher: inout Hasher) {
        var next = step
        while let step = next {
            hasher.combine(step.component)
            next = step.parent
        }
    }

    package var description: String {
        components.reduce(into: "") { text, component in
            switch component {
            case .key(let key): text += (text.isEmpty ? "" : ".") + key.onOneLine
            case .index(let index): text += "[\(index)]"
            }
        }
    }

    package static func < (a: FieldPath, b: FieldPath) -> Bool { a.precedes(b) ?? false }

    /// Whether it comes before `other`; nil where they are the same.
    package func precedes(_ other: FieldPath) -> Bool? {
        guard var x = step, var y = other.step else {
            return step == nil && other.step == nil ? nil : step == nil
        }
        let (left, right) = (x.depth, y.depth)
        while x.depth > y.depth, let parent = x.parent { x = parent }
        while y.depth > x.depth, let parent = y.parent { y = parent }
        return FieldPath.precedes(x, y) ?? (left == right ? nil : left < right)
    }

    /// Whether `x` comes before `y`, which is as deep; nil where they are the same.
    private static func precedes(_ x: Step, _ y: Step) -> Bool? {
        if x === y { return nil }
        if let above = x.parent, let other = y.parent, let answer = precedes(above, other) {
            return answer
        }
        return switch (x.component, y.component) {
        case (.index(let i), .index(let j)): i == j ? nil : i < j
        case (.key(let i), .key(let j)): i == j ? nil : i < j
        case (.index, .key): true
        case (.key, .index): false
        }
    }
}

extension FieldPath: Codable {
    package init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var components: [Component] = []
        while !list.isAtEnd {
            // Keys first: most are, and a wrong guess costs more than the right one.
            if let key = try? list.decode(String.self) {
                components.append(.key(key))
            } else {
                components.append(.index(try list.decode(Int.self)))
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
