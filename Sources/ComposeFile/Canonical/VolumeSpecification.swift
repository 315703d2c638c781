internal import Model

/// A mount in the short form, `[source:]target[:options]`, taken apart.
///
/// Source: compose-go's `format.ParseVolume`.
struct VolumeSpecification {
    /// What is wrong with a text.
    struct Failure: Error {
        /// Goes on after the name of the value: `must …`.
        var message: String
        /// The part that is wrong.
        var part: String?
        var fix: String?
    }

    /// Nil for a volume without a name.
    private(set) var source: String?
    private(set) var target = ""
    private(set) var isReadOnly = false
    private(set) var isNoCopy = false
    private(set) var propagation: String?
    /// `z` or `Z`, of SELinux.
    private(set) var label: String?
    /// Options that change nothing.
    private(set) var withoutEffect: [String] = []

    /// Whether the source is a path, not the name of a volume.
    var isBind: Bool { source.map(VolumeSpecification.isPath) ?? false }

    init(_ text: String) throws(Failure) {
        guard !text.isEmpty else { throw Failure(message: "must not be empty") }
        guard text.utf8.count > 2 else {
            target = text
            return
        }
        let (fields, isClosed) = VolumeSpecification.fields(text)
        guard isClosed else {
            throw Failure(message: "must close each brace of a variable", part: text)
        }
        guard fields.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(
                message: "must have something on both sides of each colon",
                part: text,
                fix: "write source:target or source:target:ro"
            )
        }
        guard fields.count <= 3 else {
            throw Failure(
                message: "must have two colons at most",
                part: text,
                fix: "write source:target:ro"
            )
        }
        source = fields.count > 1 ? fields[0] : nil
        target = fields.count > 1 ? fields[1] : fields[0]
        if fields.count == 3 { read(options: fields[2]) }
    }

    /// The parts between colons that stand in no variable, and whether each variable ends; one
    /// letter and a colon start a path of Windows.
    private static func fields(_ text: String) -> (fields: [String], isClosed: Bool) {
        var fields: [String] = []
        var field = ""
        var depth = 0
        for character in text {
            if character == "{", field.last == "$" { depth += 1 }
            if character == "}", depth > 0 { depth -= 1 }
            let isDrive = field.first?.isLetter == true && field.dropFirst().isEmpty
            if character == ":", depth == 0, !isDrive {
                fields.append(field)
                field = ""
            } else {
                field.append(character)
            }
        }
        return (fields + [field], depth == 0)
    }

    private static func isPath(_ source: String) -> Bool {
        guard let first = source.first else { return false }
        if "./~\\".contains(first) { return true }
        return first.isLetter && source.dropFirst().first == ":"
    }

    private mutating func read(options: String) {
        for option in options.split(separator: ",", omittingEmptySubsequences: false) {
            switch option {
            case "ro": isReadOnly = true
            case "rw": isReadOnly = false
            case "nocopy": isNoCopy = true
            case "z", "Z": label = String(option)
            case "private", "rprivate", "shared", "rshared", "slave", "rslave":
                propagation = String(option)
            default: withoutEffect.append(String(option))
            }
        }
    }
}
