package import Model

/// One value of a YAML document and the place where it was written.
///
/// A value: aliases of one anchor share storage, not identity, and keep the anchor's places.
package struct Node: Hashable, Sendable {
    /// What a node holds.
    package enum Content: Hashable, Sendable {
        case scalar(text: String, style: Style)
        case sequence([Node])
        case mapping([Entry])
    }

    /// Whether a scalar's type is read from its text, or is text because it was quoted.
    package enum Style: Hashable, Sendable {
        case plain
        /// Single or double quotes, or a block `|` or `>`.
        case quoted
    }

    /// One key of a mapping with its value.
    package struct Entry: Hashable, Sendable {
        /// The key's text; a mapping has it once.
        package var key: String
        /// Where the key stands; the value's place is in the value.
        package var location: SourceLocation
        /// What the key stands for.
        package var value: Node

        /// An entry of a tree made by hand.
        package init(key: String, location: SourceLocation, value: Node) {
            self.key = key
            self.location = location
            self.value = value
        }
    }

    /// What whoever rewrites a tree remembers of a node; YAML itself sets none.
    package struct Marks: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }
    }

    // In this order the members take the fewest bytes: large files are many nodes.

    /// What it holds.
    package var content: Content
    /// What was done with it.
    package var marks: Marks
    /// The tag as resolved, such as `!reset` or `tag:yaml.org,2002:str`; nil when none is written.
    package var tag: String?
    /// Where it starts; for what an alias stands for, where its anchor's value does.
    package var location: SourceLocation

    /// A node of a tree made by hand.
    package init(
        _ content: Content,
        tag: String? = nil,
        location: SourceLocation,
        marks: Marks = []
    ) {
        self.content = content
        self.tag = tag
        self.location = location
        self.marks = marks
    }
}

extension Node {
    /// The typed value of a scalar; nil for a sequence or a mapping.
    package var scalar: Scalar? {
        guard case .scalar(let text, let style) = content else { return nil }
        return Scalar(text, style: style, tag: tag)
    }

    /// The elements of a sequence; nil for anything else.
    package var elements: [Node]? {
        if case .sequence(let elements) = content { elements } else { nil }
    }

    /// The entries of a mapping in the order written; nil for anything else.
    package var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The value of `key` in a mapping.
    package subscript(key: String) -> Node? {
        entries?.first { $0.key == key }?.value
    }

    /// The text of a scalar as written, whatever its type; nil for a sequence or a mapping.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether it is the null value, written or left out.
    package var isNull: Bool {
        guard case .scalar(let text, let style) = content, text.utf8.count <= 4,
            style == .plain || tag != nil
        else { return false }
        return scalar == .null
    }

    /// What messages call it, such as `a mapping` or `a string`.
    package var kind: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar: scalar?.kind ?? "a string"
        }
    }
}
