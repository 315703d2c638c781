/// The identity of a stack: the project that owns it and its name there.
///
/// Neither name may hold a `_`, so the compose project names of two stacks never collide.
package struct StackID: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    package let project: String
    package let stack: String

    /// Checks both names.
    package init(project: String, stack: String) throws(InvalidName) {
        self.project = try Name.checked(project, "project")
        self.stack = try Name.checked(stack, "stack")
    }

    /// Reads `project/stack`, or `name` for the stack that bears its project's name.
    package init(parsing text: String) throws(InvalidName) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let first = parts.first, let last = parts.last else {
            throw InvalidName(kind: "stack", name: text)
        }
        try self.init(project: first, stack: last)
    }

    /// Decoding checks both names as well.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            project: values.decode(String.self, forKey: .project),
            stack: values.decode(String.self, forKey: .stack)
        )
    }

    /// What Compose calls a project: `project` for the stack of that name, else `project_stack`.
    package var composeProjectName: String {
        stack == project ? project : "\(project)_\(stack)"
    }

    package var description: String { "\(project)/\(stack)" }

    package static func < (a: StackID, b: StackID) -> Bool {
        (a.project, a.stack) < (b.project, b.stack)
    }
}

/// The rule for names of controllers, projects and stacks.
package enum Name {
    /// Lowercase letters, digits and inner hyphens, at most 63 characters: valid in host names,
    /// labels and Compose project names alike.
    package static func isValid(_ name: String) -> Bool {
        guard (1...63).contains(name.utf8.count), name.first != "-", name.last != "-" else {
            return false
        }
        return name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
        }
    }

    static func checked(_ name: String, _ kind: String) throws(InvalidName) -> String {
        guard isValid(name) else { throw InvalidName(kind: kind, name: name) }
        return name
    }
}

/// A name that breaks the rule of ``Name``.
package struct InvalidName: Error, Hashable, Sendable, CustomStringConvertible {
    package let kind: String
    package let name: String

    package init(kind: String, name: String) {
        self.kind = kind
        self.name = name
    }

    package var description: String {
        "\"\(name)\" is no name of a \(kind): use lowercase letters, digits and inner hyphens, "
            + "at most 63 characters"
    }
}
