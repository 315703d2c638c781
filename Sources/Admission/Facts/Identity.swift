internal import Model

/// A `user:` taken apart.
struct Identity: Hashable, Sendable {
    let user: Int64
    let group: Int64?

    /// nil unless both parts are plain numbers of 32 bits: names are looked up in the image,
    /// which the tenant made.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count),
            let user = Text.number(parts[0], atMost: Int64(UInt32.max) - 1)
        else { return nil }
        self.user = user
        guard parts.count == 2 else {
            group = nil
            return
        }
        guard let group = Text.number(parts[1], atMost: Int64(UInt32.max) - 1) else { return nil }
        self.group = group
    }
}

extension Grants {
    /// Why a container with a shared file system may not run as `user`; nil when it may.
    func objection(toUser user: String?) -> String? {
        guard let user, !user.isEmpty else { return "no user is given" }
        guard let identity = Identity(user) else { return "the user is not given as uid:gid" }
        guard identity.user != 0 else { return "user 0 is root" }
        guard uids.contains(where: { $0.contains(Int(identity.user)) }) else {
            return "uid \(identity.user) is not granted"
        }
        guard let group = identity.group else { return "the user has no group part" }
        guard gids.contains(where: { $0.contains(Int(group)) }) else {
            return "gid \(group) is not granted"
        }
        return nil
    }

    /// The group to fill in, where exactly one is granted.
    var onlyGroup: Int? {
        guard gids.count == 1, gids[0].count == 1 else { return nil }
        return gids[0].lowerBound
    }
}
