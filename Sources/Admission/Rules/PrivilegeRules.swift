internal import Model

extension Rule {
    static let privileged = Rule(
        "privileged",
        .privilege,
        because: "a privileged container is root on the node",
        fix: "remove privileged, and name the capabilities that are needed in cap_add",
        .service { review in
            guard review.service.privileges.privileged else { return [] }
            return [Finding("\(review.name) is privileged", at: review.path / "privileged")]
        }
    )

    static let capabilityKnown = Rule(
        "capability-known",
        .capability,
        because: "what is not known can't be judged",
        fix: "use the names of capabilities(7), such as NET_BIND_SERVICE",
        .service { review in
            review.unknown("cap_add", review.service.capAdd)
                + review.unknown("cap_drop", review.service.capDrop)
        }
    )

    static let capabilityGranted = Rule(
        "capability-granted",
        .capability,
        because: "a capability is a part of root's power on the node",
        fix: "remove it from cap_add",
        .service { review in
            guard !review.service.capAdd.isEmpty else { return [] }
            let granted = review.grants.capabilities(withShared: review.usesShared)
            let scope = review.usesShared ? " beside a shared file system" : ""
            return review.service.capAdd.enumerated().compactMap { index, text in
                guard let name = Capability.named(text), !granted.contains(name) else {
                    return nil
                }
                return Finding(
                    "capability \(name) is not granted\(scope)",
                    at: (review.path / "cap_add")[index],
                    fix: granted.isEmpty
                        ? "remove it; none are granted\(scope)"
                        : "remove it; granted\(scope): "
                            + granted.sorted().joined(separator: ", ")
                )
            }
        }
    )

    static let securityOption = Rule(
        "security-option",
        .securityOption,
        because: "it would weaken the confinement that every container gets",
        fix: "remove it; no-new-privileges:true, apparmor=docker-default and seccomp=builtin are "
            + "what every container gets",
        .service { review in
            review.service.privileges.securityOptions.enumerated().compactMap { index, option in
                guard !SecurityOption.isHarmless(option) else { return nil }
                return Finding(
                    "this security option is not offered",
                    at: (review.path / "security_opt")[index]
                )
            }
        }
    )

    static let device = Rule(
        "device",
        .device,
        because: "a device of the node is outside every other bound",
        fix: "remove it",
        .service { review in
            let devices = review.service.privileges.devices.indices.map {
                (review.path / "devices")[$0]
            }
            let rules = review.service.deviceRules.indices.map {
                (review.path / "device_cgroup_rules")[$0]
            }
            let gpus = review.service.gpus.isEmpty ? [] : [review.path / "gpus"]
            let requests =
                review.service.deviceRequests.isEmpty
                ? [] : [review.path / "deploy" / "resources" / "reservations" / "devices"]
            return (devices + rules + gpus + requests).map {
                Finding("devices are not granted", at: $0)
            }
        }
    )
}

extension ServiceReview {
    /// A finding for each value of a list that is no capability.
    fileprivate func unknown(_ attribute: String, _ values: [String]) -> [Finding] {
        values.enumerated().compactMap { index, text in
            guard Capability.named(text) == nil else { return nil }
            return Finding("Linux has no such capability", at: (path / attribute)[index])
        }
    }
}
