/// Templates, in which an engine or a Swarm writes words of its own into a text.
///
/// Both expand them as Go's `text/template` does, which can loop, call itself and write text
/// without end: whoever expands one runs its author's program. Plain placeholders are harmless.
package enum GoTemplate {
    /// What tells one task of a Swarm from another, in host names and variables.
    ///
    /// Source: the reference of `docker service create`, "Create services using templates".
    package static let taskNames: Set<String> = [
        ".Service.ID", ".Service.Name", ".Node.ID", ".Node.Hostname", ".Node.Platform.OS",
        ".Node.Platform.Architecture", ".Task.ID", ".Task.Name", ".Task.Slot",
    ]

    /// What a log's tag may be made of.
    ///
    /// Source: Docker's page "Customize log driver output", and moby's `logger.Info`, whose fields
    /// people write as well: the last four say what the first ones do.
    package static let tagNames: Set<String> = [
        ".ID", ".FullID", ".Name", ".ImageID", ".ImageFullID", ".ImageName", ".DaemonName",
        ".ContainerID", ".ContainerName", ".ContainerImageID", ".ContainerImageName",
    ]

    /// Whether anything would be expanded.
    package static func isPresent(in text: String) -> Bool {
        Array(text.utf8).firstRange(of: Array("{{".utf8)) != nil
    }

    /// Whether nothing is expanded but plain placeholders of `names`.
    package static func isPlain(_ text: String, _ names: Set<String>) -> Bool {
        filling(text, names) != nil
    }

    /// The text with `word` in the place of each placeholder of `names`; nil where it has anything
    /// else that would be expanded.
    package static func filling(
        _ text: String,
        _ names: Set<String>,
        with word: String = "x"
    ) -> String? {
        var rest = Array(text.utf8)[...]
        var filled: [UInt8] = []
        while let start = rest.firstRange(of: Array("{{".utf8)) {
            filled += rest[..<start.lowerBound] + Array(word.utf8)
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: Array("}}".utf8)) else { return nil }
            let inner = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            guard names.contains(inner.trimming(" ")) else { return nil }
            rest = rest[end.upperBound...]
        }
        return String(decoding: filled + rest, as: UTF8.self)
    }
}

extension String {
    fileprivate func trimming(_ character: Character) -> String {
        String(drop { $0 == character }.reversed().drop { $0 == character }.reversed())
    }
}
