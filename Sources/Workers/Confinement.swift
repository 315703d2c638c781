internal import CLinux
internal import Glibc
internal import Model

/// What this process gives up before it reads what a tenant wrote.
///
/// There is no way back.
enum Confinement {
    /// Nobody's user and group.
    private static let nobody: UInt32 = 65534

    /// Why the process can't be confined.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        fileprivate init(_ what: String) {
            description = "\(what): \(String(cString: strerror(errno)))"
        }
    }

    /// Gives up all but computing within `limits`, and the descriptors that are open.
    static func enter(_ limits: LoadingLimits) throws(Failure) {
        guard chdir("/") == 0 else { throw Failure("can't leave the folder") }
        becomeNobody()
        guard clinux_give_up_privileges() == 0 else { throw Failure("can't give up privileges") }
        try set(limits)
        guard clinux_allow_only_computing() == 0 else { throw Failure("can't filter system calls") }
    }

    /// Where it is refused, as in a container with root alone, the filter has to do.
    private static func becomeNobody() {
        guard geteuid() == 0, setgroups(0, nil) == 0 else { return }
        guard setgid(nobody) == 0 else { return }
        setuid(nobody)
    }

    private static func set(_ limits: LoadingLimits) throws(Failure) {
        // In whole seconds; the signal that tells why comes a second before the one that kills.
        let seconds = UInt(limits.seconds)
        try limit(RLIMIT_CPU, "processor time", seconds, seconds + 1)
        let room = UInt(max(0, limits.memory.bytes))
        try limit(RLIMIT_AS, "address space", addressSpace() + room)
        try limit(RLIMIT_DATA, "memory", dataSize() + room)
        try limit(RLIMIT_FSIZE, "file size", 0)
        try limit(RLIMIT_NOFILE, "open files", 0)
        try limit(__RLIMIT_NPROC, "processes", 0)
        try limit(RLIMIT_CORE, "core dumps", 0)
    }

    private static func limit(
        _ resource: __rlimit_resource,
        _ name: String,
        _ soft: UInt,
        _ hard: UInt? = nil
    ) throws(Failure) {
        guard clinux_limit(Int32(resource.rawValue), soft, hard ?? soft) == 0 else {
            throw Failure("can't limit \(name)")
        }
    }

    /// The address space that the program itself takes.
    ///
    /// Source: proc_pid_statm(5), the first number and, for data, the sixth, in pages.
    private static func addressSpace() throws(Failure) -> UInt { try pages(at: 0) }

    private static func dataSize() throws(Failure) -> UInt { try pages(at: 5) }

    private static func pages(at index: Int) throws(Failure) -> UInt {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure("can't read /proc/self/statm") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        let numbers = bytes.prefix(max(0, count)).split { $0 == 0x20 || $0 == 0x0A }
        guard numbers.count > index,
            let number = UInt(String(decoding: numbers[index], as: UTF8.self))
        else { throw Failure("can't read /proc/self/statm") }
        return number * UInt(sysconf(Int32(_SC_PAGESIZE)))
    }
}

extension LoadingLimits {
    /// Processor time as the kernel limits it.
    var seconds: Int { Int(min(max(0, time.count - 1) / 1_000_000_000 + 1, 1_000_000_000)) }
}
