/// What may stand at one place of `gyre.yaml`.
indirect enum Shape: Sendable {
    case value(Format)
    case list(Shape)
    /// One value or a list of them.
    case valueOrList(Format)
    case mapping([Key])
    /// Names of the operator's choice, each with the same shape.
    case named(Shape)

    /// One key of a mapping.
    struct Key: Sendable {
        let name: String
        let shape: Shape
        var isRequired = false
        /// What holds when the key is left out, as it would be written.
        var standard = ""
        /// The same in words, where it can't be written.
        var otherwise = ""
        /// One sentence for the reference and the schema.
        let help: String

        init(
            _ name: String,
            _ shape: Shape,
            isRequired: Bool = false,
            standard: String = "",
            otherwise: String = "",
            _ help: String
        ) {
            self.name = name
            self.shape = shape
            self.isRequired = isRequired
            self.standard = standard
            self.otherwise = otherwise
            self.help = help
        }
    }

    /// What the reference and messages call it.
    var title: String {
        switch self {
        case .value(let format): format.title
        case .list(.value(let format)): "list of: \(format.title)"
        case .list: "list"
        case .valueOrList(let format): "\(format.title), or a list of them"
        case .mapping: "mapping"
        case .named: "mapping by name"
        }
    }
}
