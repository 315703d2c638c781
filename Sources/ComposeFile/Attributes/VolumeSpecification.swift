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
        /// Whether Compose takes it.
        var isUnsupported = false
    }

    /// Nil for a volume without a name.
    private(set) var source: String?
    private(set) var target: String
    private(set) var isReadOnly = false
    /// Options that change nothing here.
    private(set) var withoutEffect: [String] = []

    init(_ text: String) throws(Failure) {
        guard !text.isEmpty else { throw Failure(message: "must not be empty") }
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard fields.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(
                message: "must have something on both sides of each colon",
                part: text,
                fix: "write source:target or source:target:ro"
            )
        }
        if fields.dropLast().contains(where: Self.isDrive) {
            throw Failure(
                message: "uses one letter for a name, which Compose takes for a drive of Windows",
                fix: "give the volume a longer name"
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
        if fields.count == 3 { try read(options: fields[2]) }
    }

    private static func isDrive(_ field: String) -> Bool {
        field.count == 1 && field.first?.isLetter == true
    }

    private mutating func read(options: String) throws(Failure) {
        for option in options.split(separator: ",").map(String.init) {
            switch option {
            case "ro": isReadOnly = true
            case "rw": isReadOnly = false
            case "cached", "delegated", "consistent": withoutEffect.append(option)
            case "nocopy", "z", "Z", "private", "rprivate", "shared", "rshared", "slave", "rslave":
                throw Failure(
                    message: "has the option \(option), which is not handled yet",
                    fix: "remove :\(option)",
                    isUnsupported: true
                )
            default:
                throw Failure(message: "must have the options ro or rw", part: option)
            }
        }
    }
}
