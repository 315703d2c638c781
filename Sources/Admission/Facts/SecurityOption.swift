/// The `security_opt` values that policy knows.
enum SecurityOption {
    /// What every container gets; setuid programs gain nothing in it.
    static let enforced = ["no-new-privileges:true"]

    /// Whether `option` asks for no more than what every container gets anyway.
    ///
    /// The engine reads `no-new-privileges` alone and with `:true` or `=true` alike; the two
    /// profiles are its own defaults. Source: `parseSecurityOpt` of moby 20.10.
    static func isHarmless(_ option: String) -> Bool {
        harmless.contains { $0.utf8.elementsEqual(option.utf8) }
    }

    private static let harmless = [
        "no-new-privileges", "no-new-privileges:true", "no-new-privileges=true",
        "apparmor=docker-default", "apparmor:docker-default",
        "seccomp=builtin", "seccomp:builtin",
    ]
}
