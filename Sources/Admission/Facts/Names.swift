internal import Model

extension StackID {
    /// Whether a network or volume called `name` can only be this stack's.
    ///
    /// No name of a project or stack holds a `_`, so what starts with the compose project name
    /// and `_` belongs to no other project: `astro_x` is never `astro-x`'s.
    func owns(objectName name: String) -> Bool {
        Text.isName(name) && Text.isBelow(name, composeProjectName + "_")
    }

    /// Whether a container called `name` is one that Gyre would make for this stack.
    func owns(containerName name: String) -> Bool {
        Text.isName(name) && Text.isBelow(name, composeProjectName + "-")
    }
}

extension TenantPolicy {
    /// Whether a network or volume called `name` can only be `stack`'s, which may have been taken
    /// over under another name.
    func owns(objectName name: String, of stack: StackID) -> Bool {
        isAdopted(name, of: stack, "_") || stack.owns(objectName: name)
    }

    /// The same of a container.
    private func owns(containerName name: String, of stack: StackID) -> Bool {
        isAdopted(name, of: stack, "-") || stack.owns(containerName: name)
    }

    private func isAdopted(_ name: String, of stack: StackID, _ separator: String) -> Bool {
        guard let adopted = adopted[stack.stack], Text.isName(name) else { return false }
        return Text.isBelow(name, adopted + separator)
    }

    /// What names of networks and volumes of the project's begin with, whichever stack has them.
    ///
    /// No project's name holds a `_`, so the first begins no other project's.
    func objectBeginnings(of project: String) -> [String] {
        ["\(project)_"] + adopted.values.sorted().map { "\($0)_" }
    }

    /// Whether a network or volume called `name` may be `stack`'s: by a name that Compose derives,
    /// or by one that the operator grants, and one that no other stack's objects may have.
    func allows(objectName name: String, of stack: StackID) -> Bool {
        guard Text.isName(name), !Text.hasPrefix(name, ContentVolume.prefix) else { return false }
        return owns(objectName: name, of: stack)
            || grants.names.contains { Text.isBelow(name, $0) }
    }

    /// Whether `stack` may use a network or volume called `name` that it doesn't make itself: one
    /// of its project's, by a name that Compose derives for any of the project's stacks, or one
    /// that the operator grants or shares.
    func allows(externalName name: String, of stack: StackID) -> Bool {
        guard Text.isName(name), !Text.hasPrefix(name, ContentVolume.prefix) else { return false }
        if grants.shared.contains(where: { Text.equal($0, name) }) { return true }
        let isOfProject = objectBeginnings(of: stack.project).contains { Text.isBelow(name, $0) }
        let isGranted = grants.names.contains { Text.isBelow(name, $0) }
        return (isOfProject || isGranted) && !isClaimed(name, beside: stack, bySiblings: false)
    }

    /// Whether a network called `name` is another project's, in which `stack` is a guest.
    func isOfOthers(network name: String, _ stack: StackID) -> Bool {
        let isOurs = objectBeginnings(of: stack.project).contains { Text.isBelow(name, $0) }
        return !isOurs && !grants.names.contains { Text.isBelow(name, $0) }
    }

    /// Whether `stack` may answer to `name` in a network of another project, whose services have
    /// names that nobody else may take.
    func allows(guestName name: String, of stack: StackID) -> Bool {
        let isOurs = Text.isBelow(name, stack.project + "-")
        return isOurs && !isClaimed(name, beside: stack, bySiblings: false)
    }

    /// Whether a container called `name` may be `stack`'s, likewise.
    func allows(containerName name: String, of stack: StackID) -> Bool {
        guard Text.isName(name), !Text.hasPrefix(name, ContentVolume.prefix) else { return false }
        return owns(containerName: name, of: stack)
            || grants.names.contains { Text.isBelow(name, $0) }
    }

    /// Whether Gyre or Compose could give `name` to a container or object of another stack.
    ///
    /// Of two stacks whose names both begin `name`, it is the one's with the longer name, whatever
    /// came first: so the answer doesn't depend on what runs. Where another project's stack was
    /// taken over under the very name of ours, it is that one's, which the operator wrote down. A
    /// beginning that is granted to a stack makes no name its own that another's begins.
    func isClaimed(
        _ name: String,
        beside stack: StackID,
        bySiblings: Bool = true
    ) -> Bool {
        let taken = adopted[stack.stack].map { [$0] } ?? []
        if let theirs = longest(of: neighbours, beginning: name),
            theirs >= longest(of: [stack.project] + taken, beginning: name) ?? 0
        {
            return true
        }
        guard bySiblings, let theirs = longest(of: names(beside: stack), beginning: name) else {
            return false
        }
        return theirs > longest(of: [stack.composeProjectName] + taken, beginning: name) ?? 0
    }

    /// What the project's other stacks are called; its own one's name is the shorter of any two.
    private func names(beside stack: StackID) -> Set<String> {
        let derived = siblings.subtracting([stack.stack, stack.project]).map {
            "\(stack.project)_\($0)"
        }
        let taken = adopted.filter { $0.key != stack.stack && $0.value != stack.project }.values
        return Set(derived + taken)
    }

    /// The length of the longest of `names` that `name` begins with, as Compose derives names.
    private func longest(of names: some Sequence<String>, beginning name: String) -> Int? {
        names.filter { begins($0, name) }.map(\.utf8.count).max()
    }

    /// Whether `name` is `own`, a hyphen or an underscore, and more.
    private func begins(_ own: String, _ name: String) -> Bool {
        let rest = name.utf8.dropFirst(own.utf8.count)
        return rest.count > 1 && (rest.first == 0x2D || rest.first == 0x5F)
            && name.utf8.starts(with: own.utf8)
    }
}

extension Grants {
    /// Whether the operator keeps labels that begin like `key`, in any case, for others.
    func reserves(label key: String) -> Bool {
        reservedLabels.contains { Text.hasPrefix(Text.folded(key), Text.folded($0)) }
    }
}

/// Label keys that files may not use.
enum ReservedLabel {
    /// Ours, and those by which Compose, `docker stack` and Swarm know their own.
    static let prefixes = [
        Labels.prefix, Labels.Compose.prefix, "com.docker.stack.", "com.docker.swarm.",
    ]

    /// Whatever the case, since some readers fold it; `io.gyre` alone is reserved as well.
    static func isReserved(_ key: String) -> Bool {
        prefixes.contains { Text.isKey(key, below: $0) }
    }
}
