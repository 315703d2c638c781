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

    /// The engine's `strconv.ParseBool` takes each of these for true.
    private static let harmless =
        ["true", "True", "TRUE", "t", "T", "1"].flatMap {
            ["no-new-privileges:\($0)", "no-new-privileges=\($0)"]
        } + [
            "no-new-privileges",
            "apparmor=docker-default", "apparmor:docker-default",
            "seccomp=builtin", "seccomp:builtin",
        ]
}
