internal import Admission
internal import Model
internal import Planning

/// What a folder would bring under a policy, told without engine, controller or git server.
struct FolderPlan: Answer {
    /// One object of an engine, and what would become of it.
    struct Change: Encodable, Hashable {
        enum Act: String, Encodable {
            case create, recreate, remove, keep
        }

        enum Kind: String, Encodable {
            case network, volume, container
        }

        var act: Act
        var kind: Kind
        var name: String
        /// Of a container.
        var image: String?
        /// The image before, where it is another.
        var previousImage: String?
    }

    var stack: StackID
    var policy: PolicyName?
    var verdict: PolicyAnswer.Verdict
    /// nil when policy denies the folder.
    var changes: [Change]?
    var hardening: [String]
    var findings: [Finding]
    var mutations: [PolicyAnswer.Change]
    /// Where findings are explained, by rule or kind.
    var docs: [String: String]
    private let judged: PolicyAnswer
    private let isCompared: Bool

    private enum CodingKeys: String, CodingKey {
        case stack, policy, verdict, changes, hardening, findings, mutations, docs
    }

    /// Compares with what ran before where that is given.
    init(_ judged: PolicyAnswer, of stack: StackID, from before: AdmittedStack?) {
        self.stack = stack
        self.judged = judged
        policy = judged.policy
        verdict = judged.verdict
        findings = judged.findings
        mutations = judged.mutations
        docs = judged.docs.places(of: judged.findings.map(\.rule))
        hardening = judged.admitted?.hardening ?? []
        isCompared = before != nil
        changes = judged.admitted.map { admitted in
            FolderPlan.changes(from: before.map(FolderPlan.objects) ?? [:], to: admitted)
        }
    }

    func text(_ style: Style) -> String {
        var lines = [style(.bold, "plan \(stack)") + ": " + summary]
        lines += (changes ?? []).map { $0.text(style) }
        if !hardening.isEmpty {
            lines += ["  \(style(.dim, "policy confines:"))"] + hardening.indented(4)
        }
        return lines.asLines + "\n" + judged.text(style)
    }

    private var summary: String {
        guard let changes else { return "nothing can be planned" }
        let words: [(Change.Act, String)] = [
            (.create, "creates"), (.recreate, "re-creates"), (.remove, "removes"),
            (.keep, "leaves"),
        ]
        let parts = words.compactMap { act, word in
            let count = changes.count { $0.act == act }
            return count == 0 ? nil : "\(word) \(count)"
        }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }

    /// An object by its kind and name.
    private struct Key: Hashable {
        var kind: Change.Kind
        var name: String
    }

    /// What tells an object from another of the same name.
    private struct Object {
        var spec = ""
        var image: String?
    }

    /// What bringing a stack up from nothing makes.
    private static func objects(of admitted: AdmittedStack) -> [Key: Object] {
        let desired = Desired(admitted: admitted, commit: "", pins: [:])
        let nothing = Observation(time: Instant(milliseconds: 0), volumes: [])
        let input = PlanningInput(
            desired: desired,
            observation: nothing,
            owned: [],
            controller: "gyre"
        )
        var objects: [Key: Object] = [:]
        for step in Plan(from: input).steps {
            switch step.operation {
            case .createNetwork(let spec): objects[Key(kind: .network, name: spec.name)] = Object()
            case .createVolume(let spec): objects[Key(kind: .volume, name: spec.name)] = Object()
            case .createContainer(let spec):
                objects[Key(kind: .container, name: spec.name)] = Object(
                    spec: spec.spec,
                    image: spec.image
                )
            default: continue
            }
        }
        return objects
    }

    private static func changes(
        from before: [Key: Object],
        to admitted: AdmittedStack
    ) -> [Change] {
        let after = objects(of: admitted)
        let kinds: [Change.Kind] = [.network, .volume, .container]
        return kinds.flatMap { kind in
            let names = Set(before.keys).union(after.keys).filter { $0.kind == kind }.map(\.name)
            return names.sorted().map { name in
                let key = Key(kind: kind, name: name)
                return change(of: key, from: before[key], to: after[key])
            }
        }
    }

    /// A volume stays whatever a file says.
    private static func change(of key: Key, from old: Object?, to new: Object?) -> Change {
        var change = Change(act: .keep, kind: key.kind, name: key.name)
        change.image = new?.image ?? old?.image
        switch (old, new) {
        case (nil, _): change.act = .create
        case (_, nil): change.act = key.kind == .volume ? .keep : .remove
        case (let old?, let new?) where old.spec != new.spec:
            change.act = .recreate
            change.previousImage = old.image == new.image ? nil : old.image
        default: break
        }
        return change
    }
}

extension FolderPlan.Change {
    /// `  ~ container shop-web-1: httpd:2.4 -> httpd:2.5`.
    fileprivate func text(_ style: Style) -> String {
        let mark =
            switch act {
            case .create: style(.green, "+")
            case .recreate: style(.yellow, "~")
            case .remove: style(.red, "-")
            case .keep: "="
            }
        let images = [previousImage, image].compactMap { $0 }.joined(separator: " -> ")
        return "  \(mark) \(kind.rawValue) \(name)" + (images.isEmpty ? "" : ": \(images)")
    }
}
