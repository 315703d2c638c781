internal import Model

/// What the secrets of a service are, as a label tells it: `KEY name=digest name=digest`.
///
/// It is no part of the spec hash. The digests are made with a key, and where a label's key is
/// another one than ours, nothing can be said: a lost key re-creates nothing (law 9).
struct SecretMark {
    let key: String
    /// `name=digest`, each.
    let digests: Set<String>

    /// nil when the service mounts no secret.
    init?(of service: Service, in stack: Stack) {
        let secrets = service.contents.filter(\.isSecret)
        guard !secrets.isEmpty else { return nil }
        key = stack.secretsKey
        digests = Set(
            secrets.map { "\($0.name.dropFirst("secret ".count))=\($0.digest.prefix(32))" }
        )
    }

    /// nil when the label says nothing.
    init?(label: String?) {
        let words = (label ?? "").split(separator: " ").map(String.init)
        guard let first = words.first else { return nil }
        key = first
        digests = Set(words.dropFirst())
    }

    var label: String { ([key] + digests.sorted()).joined(separator: " ") }

    /// The secrets that are others than in `old`, sorted; none where the keys differ.
    func changes(from old: SecretMark) -> [String] {
        guard key == old.key else { return [] }
        let changed = digests.symmetricDifference(old.digests)
        return Set(changed.map { String($0.prefix { $0 != "=" }) }).sorted()
    }
}

extension PlanDraft {
    /// The secrets of a container that are others now.
    func changedSecrets(of container: ObservedContainer, _ service: Service) -> [String] {
        guard let now = SecretMark(of: service, in: stack),
            let then = SecretMark(label: container.labels[Labels.secrets])
        else { return [] }
        return now.changes(from: then)
    }

    /// Says of which containers nobody can tell whether their secrets have changed.
    mutating func noteUnknownSecrets() {
        for (slot, containers) in slots.sorted(by: { $0.key < $1.key }) {
            guard let service = stack.services[slot.service],
                let now = SecretMark(of: service, in: stack)
            else { continue }
            for container in containers {
                let then = SecretMark(label: container.labels[Labels.secrets])
                guard let then, then.key != now.key else { continue }
                note(
                    "whether the secrets of \(container.name) have changed can't be told, since "
                        + "the key that they were compared with is lost: it keeps those it has "
                        + "until it is made anew"
                )
            }
        }
    }
}
