internal import Model

/// Parts of the kernel that a container may tune, judged the same in a file and in a request.
extension Grants {
    /// Why a container may not set the sysctl `name`; nil when it may.
    ///
    /// Exactly the granted spelling: runtimes take `net/ipv4/ip_forward` for the same.
    func objection(sysctl name: String) -> String? {
        sysctls.contains { Text.equal($0, name) } ? nil : "this sysctl is not granted"
    }

    /// Why a container may not have these limits of one kind; nil when it may.
    ///
    /// -1 is no limit. What is counted against the container's memory and processes needs none
    /// of its own; priorities are taken from everybody on the node.
    func objection(ulimit name: String, soft: Int64, hard: Int64) -> String? {
        guard soft >= -1, hard >= -1 else { return "this is less than -1" }
        guard hard == -1 || soft != -1 && soft <= hard else { return "soft is more than hard" }
        switch name {
        case "nofile":
            return (0...openFiles).contains(hard) ? nil : "nofile is not between 0 and \(openFiles)"
        case "rtprio", "nice":
            return hard == 0 ? nil : "a process may not raise its priority"
        default:
            return Grants.ulimits.contains(name) ? nil : "Linux has no such limit"
        }
    }

    /// Source: `ulimitNameMapping` of docker/go-units.
    private static let ulimits: Set<String> = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile",
        "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
    ]

    /// Why a container with a memory limit of `memory` may not have `swap` for memory and swap
    /// together; nil when it may.
    ///
    /// As much swap as memory is what the engine gives when nothing is said.
    func objection(memoryAndSwap swap: Int64, memory: Int64) -> String? {
        let most = memory.multipliedReportingOverflow(by: 2)
        guard !most.overflow, (memory...most.partialValue).contains(swap) else {
            return "memory and swap together are not between the memory limit and twice of it"
        }
        return nil
    }

    /// Why a container may not have this score; nil when it may.
    func objection(killScore score: Int64) -> String? {
        (0...1000).contains(score)
            ? nil : "a score below zero makes the node kill other processes first"
    }

    /// Why a container may not belong to `group` besides; nil when it may.
    func objection(group: String, withShared isShared: Bool) -> String? {
        guard isShared else {
            return Text.isPrintable(group) && !group.isEmpty ? nil : "this is no group"
        }
        guard let number = Text.number(group, atMost: Int64(UInt32.max) - 1) else {
            return "beside a shared file system a group is a number"
        }
        return gids.contains { $0.contains(Int(number)) } ? nil : "gid \(number) is not granted"
    }
}
