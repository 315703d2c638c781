internal import Model

/// A mount in the short form, `[source:]target[:options]`, taken apart.
///
/// Source: compose-go's `format.ParseVolume`.
struct VolumeSpecification {
    /// What is wrong with a text, in words.
    struct Failure: Error {
        var message: String
        var fix: String?
        var isUnsupported = false
    }

    /// Nil for a volume without a name.
    private(set) var source: String?
    private(set) var target: String
    private(set) var isReadOnly = false
    /// Options that change nothing here.
    private(set) var withoutEffect: [String] = []

    init(_ text: String) throws(Failure) {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard !text.isEmpty else { throw Failure(message: "a volume must not be empty text") }
        guard fields.allSatisfy({ !$0.isEmpty }) else {
            throw Failure(
                message: "\"\(text)\" has nothing between two colons",
                fix: "write source:target or source:target:ro"
            )
        }
        if fields.count > 1, let drive = fields.first(where: Self.isDrive) {
            throw Failure(
                message: "Compose takes the one letter \"\(drive)\" for a drive of Windows",
                fix: "give the volume a longer name"
            )
        }
        guard fields.count <= 3 else {
            throw Failure(
                message: "\"\(text)\" has too many colons",
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
                    message: "the option \"\(option)\" is not handled yet",
                    fix: "remove it",
                    isUnsupported: true
                )
            default:
                throw Failure(
                    message: "\"\(option)\" is no option of a volume",
                    fix: "write ro or rw"
                )
            }
        }
    }
}
