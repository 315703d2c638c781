internal import Model

extension Rule {
    static let identityGroup = Rule(
        "identity-group",
        .bindIdentity,
        .mutate,
        because: "without a group part the image would choose the group",
        fix: "write the group: user: \"<uid>:<gid>\"",
        .fill { review in
            guard review.usesShared, let user = review.service.user,
                let identity = Identity(user), identity.group == nil,
                let group = review.grants.onlyGroup
            else { return nil }
            let full = "\(identity.user):\(group)"
            return Fill(
                field: review.path / "user",
                from: user,
                to: full,
                reason: "the one granted group is filled in"
            ) { $0.user = full }
        }
    )

    static let identity = Rule(
        "identity",
        .bindIdentity,
        because: "a shared file system knows its users by number, so a container beside it runs "
            + "as the project's and never as root",
        fix: "write user: \"<uid>:<gid>\" with granted numbers",
        .service { review in
            guard review.mountsShared else { return [] }
            var findings: [Finding] = []
            if let remapping = review.enforcement.users.remapping {
                findings.append(
                    Finding(
                        "\(review.name) mounts a shared file system, but \(remapping), so that "
                            + "no uid of a container is the one it shows",
                        at: review.path / "user",
                        fix: review.enforcement.users == .untold
                            ? "ask the operator to write users_as_shown: true under swarm, where "
                                + "that is so"
                            : "ask the operator for a node that leaves users as they are, or for "
                                + "a directory that is granted with shared: false"
                    )
                )
            }
            if let objection = review.grants.objection(toUser: review.service.user) {
                findings.append(
                    Finding(
                        "\(review.name) mounts a shared file system, but \(objection)",
                        at: review.path / "user",
                        fix: review.grants.identityFix
                    )
                )
            }
            return findings
        }
    )
}

extension Grants {
    var identityFix: String {
        guard !uids.isEmpty, !gids.isEmpty else {
            return "mount nothing shared; no users are granted to this project"
        }
        return "write user: \"<uid>:<gid>\", uid \(uids.text), gid \(gids.text)"
    }
}

extension [ClosedRange<Int>] {
    /// `5000, 40000-49999`.
    var text: String {
        map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}
