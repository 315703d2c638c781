/// What `.gyre.yaml` says: which folders of a repository are stacks, and what of them is read.
///
/// It was written by whoever can push, and grants nothing.
package struct TenantFile: Hashable, Codable, Sendable {
    package static let name = ".gyre.yaml"

    /// By name.
    package let stacks: [String: DeclaredStack]

    package init(stacks: [String: DeclaredStack]) { self.stacks = stacks }

    /// Stacks of one file, or of one place where folders with compose files are looked for: far
    /// more than anybody has, and few enough for what the controller works out about all of them
    /// with each poll.
    package static let mostStacks = 200
}

/// What `.gyre.yaml` says of one stack.
package struct DeclaredStack: Hashable, Codable, Sendable {
    /// The folder from the one of `.gyre.yaml`, or the name of the stack.
    package var folder: WrittenText
    package var files: [WrittenText] = []
    package var environmentFiles: [WrittenText] = []
    /// The environment that it asks for; nil for the operator's first.
    package var environment: WrittenText?
    /// What is read over its files in each environment; nil where that makes no difference.
    package var environments: [String: Overlay]?
    /// Stacks of its project that come before it.
    package var dependencies: [WrittenText] = []

    package init(folder: WrittenText) { self.folder = folder }

    /// What is read in one environment over the stack's own files.
    package struct Overlay: Hashable, Codable, Sendable {
        package var files: [WrittenText]
        package var environmentFiles: [WrittenText]

        package init(files: [WrittenText] = [], environmentFiles: [WrittenText] = []) {
            self.files = files
            self.environmentFiles = environmentFiles
        }
    }
}

/// A text of a file and where it stands there.
package struct WrittenText: Hashable, Codable, Sendable {
    package var text: String
    package var place: SourceLocation

    package init(_ text: String, at place: SourceLocation) {
        self.text = text
        self.place = place
    }
}
