internal import Model
internal import YAMLTree

/// The kinds that many attributes share.
extension Kind {
    /// A value that nobody looks into.
    static let anything = Kind(
        scalar: ScalarRule(types: [.string, .number, .boolean, .null]),
        list: ListRule(text),
        mapping: .record(Record("anything", [], isOpen: true))
    )

    static let text = Kind(scalar: ScalarRule(types: .string))
    static let textOrNull = Kind(scalar: ScalarRule(types: [.string, .null]))

    /// One of a few words.
    static func word(_ words: String...) -> Kind {
        Kind(scalar: ScalarRule(types: .string, words: words))
    }

    /// A text that `matches`.
    static func text(
        _ wanted: String,
        _ matches: @escaping @Sendable (String) -> Bool
    ) -> Kind {
        Kind(
            scalar: ScalarRule(
                types: .string,
                pattern: ScalarRule.Pattern(wanted: wanted, matches: matches)
            )
        )
    }

    static let file = Kind(scalar: ScalarRule(types: .string), path: .file)
    /// The file of a secret or config.
    static let storedFile = Kind(scalar: ScalarRule(types: .string), path: .storedFile)

    /// A truth value, also written as text.
    static let flag = Kind(
        scalar: ScalarRule(types: [.boolean, .string], cast: .boolean)
    )
    static let strictFlag = Kind(scalar: ScalarRule(types: .boolean))

    /// A whole number, also written as text.
    static let integer = integer([.integer, .string])
    /// The same, of what isn't negative.
    static let count = integer([.integer, .string], counts: true)

    static func integer(
        _ types: ScalarRule.Types,
        _ range: ClosedRange<Int>? = nil,
        counts: Bool = false
    ) -> Kind {
        Kind(
            scalar: ScalarRule(
                types: types,
                cast: types.contains(.string) ? .integer : nil,
                range: range
            ),
            settled: { value in
                guard let integer = value.truncatedInteger else { return value.node }
                if counts, integer < 0 { _ = value.count }
                return value.node(.integer(integer))
            }
        )
    }

    /// A whole number that may not be text, though the schema says so.
    static func plainInteger(
        _ types: ScalarRule.Types = [.number, .string],
        counts: Bool = false
    ) -> Kind {
        Kind(
            scalar: ScalarRule(types: types),
            settled: { value in
                if case .string = value.node.scalar {
                    value.failType("a whole number")
                    return value.node
                }
                guard let integer = value.truncatedInteger else { return value.node }
                if counts, integer < 0 { _ = value.count }
                return value.node(.integer(integer))
            }
        )
    }

    /// A number whose fraction counts, as 32 bits hold it.
    static func float(
        _ types: ScalarRule.Types = [.number, .string],
        _ range: ClosedRange<Int>? = nil,
        cast: ScalarRule.Cast? = .float
    ) -> Kind {
        Kind(
            scalar: ScalarRule(types: types, cast: cast, range: range),
            settled: { value in
                // docker/cli counts processors exactly.
                if value.loading.isForSwarm, value.node.string != nil { return value.node }
                return value.number.map { value.node(.float(Float($0))) } ?? value.node
            }
        )
    }

    static let size = size([.number, .string])

    /// Bytes, as a number or as text with a unit.
    static func size(_ types: ScalarRule.Types, _ range: ClosedRange<Int>? = nil) -> Kind {
        Kind(
            scalar: ScalarRule(types: types, range: range),
            settled: { value in value.size.map { value.node(.text(String($0.bytes))) } }
        )
    }

    static let duration = Kind(
        scalar: ScalarRule(types: .string),
        settled: { value in
            value.duration.map { value.node(.text(GoDuration.text($0))) } ?? value.node
        }
    )

    /// A span that says nothing when it is zero.
    static let durationOrZero = Kind(
        scalar: ScalarRule(types: .string),
        settled: { value in
            guard let duration = value.duration else { return value.node }
            return duration.count == 0 ? nil : value.node(.text(GoDuration.text(duration)))
        }
    )

    /// Lists of texts.
    static func texts(
        isSet: Bool = true,
        identity: Identity? = nil,
        path: PathRule? = nil,
        merging: Merging = .deep
    ) -> Kind {
        let element = path == nil ? text : Kind(scalar: text.scalar, path: path)
        return Kind(
            list: ListRule(element, isSet: isSet, identity: identity),
            merging: merging
        )
    }

    /// One text or a list of them; one text is a list early, in the long form, or at the end.
    static func textOrTexts(
        isSet: Bool = true,
        identity: Identity? = nil,
        path: PathRule? = nil,
        dropsEmpty: Bool = false,
        isLengthened: Bool = true,
        merging: Merging = .sequence
    ) -> Kind {
        let list = texts(isSet: isSet, identity: identity, path: path).list
        let asList: @Sendable (Value) -> Node = { value in
            guard !value.isList else { return dropsEmpty ? value.withoutEmpty : value.node }
            let isDropped = dropsEmpty && value.node.isEmpty
            return value.list(isDropped ? [Node]() : [value.node])
        }
        guard isLengthened else {
            return Kind(scalar: text.scalar, list: list, merging: merging, settled: asList)
        }
        return Kind(scalar: text.scalar, list: list, merging: merging, long: asList)
    }

    /// Names with texts, as a mapping or a list of `name=text`; `absent` is what null becomes.
    static func pairs(nullIs absent: Node.Content? = nil, path: PathRule? = nil) -> Kind {
        let types: ScalarRule.Types = [.string, .number, .boolean, .null]
        return Kind(
            list: ListRule(text, isSet: true, identity: .name),
            mapping: .named(Kind(scalar: ScalarRule(types: types), path: path), .some),
            merging: .sequence,
            settled: { $0.settledPairs(absent: absent) }
        )
    }

    /// `environment`, whose names may not end in blanks in a list.
    static let environment = Kind(
        list: pairs().list,
        mapping: pairs().mapping,
        merging: .sequence,
        settled: { value in
            for element in value.isList ? value.elements ?? [] : [] {
                let name = element.node.text?.prefix { $0 != "=" } ?? ""
                guard name.last?.isWhitespace == true else { continue }
                element.reportVariable(String(name), at: value.path / String(name))
            }
            return value.settledPairs(absent: nil)
        }
    )

    /// Labels and what else has an empty text for no value.
    static let labels = pairs(nullIs: .scalar(text: "", style: .quoted))

    /// A mapping of names to scalars of `types`, which become texts.
    static func options(_ types: ScalarRule.Types = [.string, .number]) -> Kind {
        Kind(
            mapping: .named(Kind(scalar: ScalarRule(types: types)), .any),
            settled: { $0.settledPairs(absent: .scalar(text: "", style: .quoted)) }
        )
    }

    static func record(_ record: Record, merging: Merging = .deep) -> Kind {
        Kind(mapping: .record(record), merging: merging)
    }

    /// A list of records, or of texts that stand for one.
    static func records(
        _ record: Record,
        isSet: Bool = false,
        identity: Identity? = nil,
        short: (@Sendable (Value) -> Node)? = nil
    ) -> Kind {
        let element = Kind(
            scalar: short == nil ? nil : text.scalar,
            mapping: .record(record),
            long: { value in
                guard let short, !value.isMapping else { return value.node }
                return short(value)
            }
        )
        return Kind(list: ListRule(element, isSet: isSet, identity: identity))
    }
}
