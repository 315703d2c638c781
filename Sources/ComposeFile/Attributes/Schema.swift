internal import Model

/// What a mapping of the file may hold: the attributes that Gyre reads, and those that Compose
/// knows and Gyre doesn't handle yet, each with what to do instead.
struct Schema<Target>: Sendable {
    /// One attribute and how it is read.
    struct Attribute: Sendable {
        let name: String
        let read: @Sendable (Value, inout Target) -> Void

        init(_ name: String, _ read: @escaping @Sendable (Value, inout Target) -> Void) {
            self.name = name
            self.read = read
        }
    }

    /// What messages call the mapping, such as `a service`.
    private let noun: String
    private let handled: [String: Attribute]
    /// Name to fix.
    private let refused: [String: String]
    /// Names that Compose itself doesn't know any more, to fix.
    private let gone: [String: String]

    init(
        _ noun: String,
        handled: [Attribute],
        refused: [String: String] = [:],
        gone: [String: String] = [:]
    ) {
        self.noun = noun
        self.handled = Dictionary(uniqueKeysWithValues: handled.map { ($0.name, $0) })
        self.refused = refused
        self.gone = gone
    }

    /// Reads each entry of `value`, remembers the place of what isn't null, and reports what
    /// isn't handled.
    func read(_ value: Value, into target: inout Target) {
        for entry in value.entries ?? [] {
            if let attribute = handled[entry.name] {
                if !entry.isNull { entry.record() }
                attribute.read(entry, &target)
            } else {
                refuse(entry)
            }
        }
    }

    private func refuse(_ entry: Value) {
        guard !entry.loading.findings.isFull else { return }
        let isKnown = refused[entry.name] != nil
        let names = Array(handled.keys) + Array(refused.keys)
        entry.loading.report(
            isKnown ? "not-supported" : "unknown-attribute",
            isKnown
                ? "\(entry.path) is not handled yet" : "\(noun) has no attribute \"\(entry.name)\"",
            at: entry.keyLocation,
            field: entry.path,
            fix: refused[entry.name] ?? gone[entry.name]
                ?? Suggestion.question(entry.name, among: names)
        )
    }
}
