internal import Model
internal import YAMLTree

/// What a value of a compose file may be, and what becomes of it between the text and the model.
///
/// A value is a scalar, a list or a mapping, and every attribute takes a different choice of the
/// three; a kind says for each what is allowed in it. The stages of loading (casting, merging,
/// checking, lengthening, settling) each walk a tree and its kind side by side, so that an
/// attribute is one line of a table and not a case in every stage.
///
/// Source: the Compose specification's schema 2.16.1 and compose-go 2.16.1.
final class Kind: Sendable {
    /// What a scalar may be; nil when it may be none.
    let scalar: ScalarRule?
    let list: ListRule?
    let mapping: MappingRule?
    let merging: Merging
    /// Where its text is a path, which one.
    let path: PathRule?
    /// The long form of a short one; what can't be read is reported and returned as it is.
    let long: (@Sendable (Value) -> Node)?
    /// The final form of a long one, such as a duration as Go prints it; nil leaves it out.
    let settled: (@Sendable (Value) -> Node?)?

    init(
        scalar: ScalarRule? = nil,
        list: ListRule? = nil,
        mapping: MappingRule? = nil,
        merging: Merging = .deep,
        path: PathRule? = nil,
        long: (@Sendable (Value) -> Node)? = nil,
        settled: (@Sendable (Value) -> Node?)? = nil
    ) {
        self.scalar = scalar
        self.list = list
        self.mapping = mapping
        self.merging = merging
        self.path = path
        self.long = long
        self.settled = settled
    }

    /// What an element of a list is.
    var element: Kind? { list?.element }

    /// What the member `key` of a mapping is; nil when it isn't known.
    func member(_ key: String) -> Kind? {
        switch mapping {
        case .record(let record): record[key]?.kind
        case .named(let kind, _): kind
        case nil: nil
        }
    }
}

/// What a scalar may be.
struct ScalarRule: Sendable {
    /// The types of JSON.
    struct Types: OptionSet, Sendable {
        let rawValue: Int
        static let string = Types(rawValue: 1)
        static let integer = Types(rawValue: 2)
        /// A number with or without a fraction.
        static let number = Types(rawValue: 6)
        static let boolean = Types(rawValue: 8)
        static let null = Types(rawValue: 16)
    }

    /// What a text becomes after interpolation.
    enum Cast: Sendable { case boolean, integer, float }

    var types: Types
    var cast: Cast?
    /// The only texts allowed, if not all are.
    var words: [String] = []
    /// The only integers allowed, if not all are.
    var range: ClosedRange<Int>?
    /// A pattern that a text must match, with what it asks for in words.
    var pattern: Pattern?

    /// A check of a text that no list of words can say.
    struct Pattern: Sendable {
        let wanted: String
        let matches: @Sendable (String) -> Bool
    }
}

/// What a list may hold.
final class ListRule: Sendable {
    let element: Kind
    /// Whether one file may not have two equal elements.
    let isSet: Bool
    /// What makes two elements one, so that the later takes the place of the earlier.
    let identity: Identity?

    init(_ element: Kind, isSet: Bool = false, identity: Identity? = nil) {
        self.element = element
        self.isSet = isSet
        self.identity = identity
    }
}

/// What a mapping may hold.
enum MappingRule: Sendable {
    /// The attributes of one thing.
    case record(Record)
    /// Values of one kind under names that the file chooses.
    case named(Kind, Names)

    /// Which names a file may choose.
    enum Names: Sendable {
        /// Any text.
        case any
        /// Any text but the empty one.
        case some
        /// `^[a-zA-Z0-9._-]+$`, else it is unknown.
        case plain
    }
}

/// The attributes of one thing, in the order in which Compose prints them.
final class Record: Sendable {
    /// What messages call it, such as `a service`.
    let noun: String
    let attributes: [Attribute]
    /// Whether `x-…` may stand in it.
    let isExtensible: Bool
    /// Attributes that were there once, to what to write instead.
    let gone: [String: String]
    /// Whether an attribute that nobody knows is passed over, as Compose does here.
    let isOpen: Bool
    private let byName: [String: Attribute]

    init(
        _ noun: String,
        _ attributes: [Attribute],
        isExtensible: Bool = true,
        isOpen: Bool = false,
        gone: [String: String] = [:]
    ) {
        self.noun = noun
        self.attributes = attributes
        self.isExtensible = isExtensible
        self.isOpen = isOpen
        self.gone = gone
        self.byName = Dictionary(uniqueKeysWithValues: attributes.map { ($0.name, $0) })
    }

    subscript(name: String) -> Attribute? { byName[name] }

    /// The names of all attributes, for a suggestion.
    var names: some Sequence<String> { attributes.lazy.map(\.name) }
}

/// One attribute of a record.
struct Attribute: Sendable {
    let name: String
    let kind: Kind
    var isRequired = false
    /// Whether an empty text, a zero, `false`, `[]` or `{}` is printed like any other value.
    var keepsEmpty = false
    /// The same, in YAML alone.
    var keepsZeroInYAML = false
    /// Whether Compose's own type holds it by value: YAML shows it when it shows a part of it.
    var isValue = false
    /// What JSON output prints where the file says nothing.
    var absent: JSON?
    /// The name in JSON output, where it is another.
    var printed: String?

    init(
        _ name: String,
        _ kind: Kind,
        required: Bool = false,
        keepsEmpty: Bool = false,
        keepsZeroInYAML: Bool = false,
        isValue: Bool = false,
        absent: JSON? = nil,
        printed: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.isRequired = required
        self.keepsEmpty = keepsEmpty
        self.keepsZeroInYAML = keepsZeroInYAML
        self.isValue = isValue
        self.absent = absent
        self.printed = printed
    }
}

/// How a later file's value meets an earlier one's.
///
/// Source: compose-go's `override` package.
enum Merging: Sendable {
    /// Mappings by key, lists one after the other, of anything else the later.
    case deep
    /// The later, even if it is null.
    case replace
    /// Like `deep`, but of two drivers the later's options alone.
    case logging
    /// A text counts as the member of this name.
    case mapping(of: String)
    /// Lists one after the other; mappings and texts become lists first.
    case sequence
    /// Like `sequence`, without what is there already.
    case hosts
    /// Mappings by key; a list counts as the keys of one, with what each means.
    case names(JSON)
    /// Mappings by key; otherwise the later, even if it is null.
    case members
    /// Like `hosts`, of paths.
    case files
    /// Ranges of addresses, of which later ones take the place of earlier ones.
    case pools
}

/// What the text of a value is a path of.
enum PathRule: Sendable {
    /// A file or folder beside the compose file.
    case file
    /// The same, where nothing means the folder itself.
    case storedFile
    /// A folder, or the address of something remote.
    case context
    /// The source of a mount, where it is a bind.
    case mount
    /// The device of a volume, where its driver binds one.
    case volume
}
