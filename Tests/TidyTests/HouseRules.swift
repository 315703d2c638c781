/// The numbers and lists that the tests of this target hold the tree to.
enum HouseRules {
    static let linesOfFile = 400
    static let linesOfFunction = 70
    static let columns = 100
    static let linesOfReadme = 30

    /// What each module may import; a module that isn't listed may import nothing.
    ///
    /// A new line here is a decision about the architecture: say why in the commit.
    static let imports: [String: Set<String>] = [
        "Model": ["Crypto", "FoundationEssentials"],
        "YAMLTree": ["Model", "CYAML", "FoundationEssentials"],
        "ComposeFile": ["Model", "YAMLTree", "FoundationEssentials"],
        "Admission": ["Model", "FoundationEssentials"],
        "Planning": ["Model", "Admission", "FoundationEssentials"],
        "Transport": system.union(["CCurl"]),
        "GitSource": system.union(["Model", "Transport", "CGit2"]),
        "DockerEngine": system.union(["Model", "Admission", "Transport"]),
        "Workers": system.union([
            "Model", "ComposeFile", "Admission", "OperatorFile", "Transport", "CLinux",
        ]),
        "OpenPolicyAgent": system.union(["Model", "Transport"]),
        "OperatorFile": ["Model", "YAMLTree", "FoundationEssentials"],
        "Store": system.union(["Model", "GRDB"]),
        "Reconciliation": [
            "Model", "ComposeFile", "Admission", "Planning", "OperatorFile", "Logging",
            "ServiceLifecycle", "FoundationEssentials", "Synchronization",
        ],
        "ControlAPI": system.union([
            "Planning",
            "Model", "Reconciliation", "Transport", "Hummingbird", "HummingbirdCore", "HTTPTypes",
            "NIOCore", "Logging", "ServiceLifecycle",
        ]),
        "gyre": system.union([
            "Model", "YAMLTree", "ComposeFile", "Admission", "Planning", "Transport", "GitSource",
            "DockerEngine", "OperatorFile", "Store", "Reconciliation", "ControlAPI", "Workers",
            "OpenPolicyAgent",
            "ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals",
        ]),
    ]

    private static let system: Set = [
        "FoundationEssentials", "Glibc", "Synchronization", "Dispatch",
    ]

    /// Values in, values out: no log, no clock, no file, no chance.
    static let pure: Set = ["Model", "YAMLTree", "ComposeFile", "Admission", "Planning"]

    /// What reads the world in one way or another.
    static let impure = [
        "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "ProcessInfo", "FileManager",
        "UUID()", "SystemRandomNumberGenerator", "getenv", "clock_gettime", "Task.sleep",
    ]

    /// Modules that hand values to C and back.
    static let facingC: Set = ["Transport", "GitSource", "YAMLTree", "DockerEngine"]

    /// A call or attribute, and the modules that may have it.
    static let banned: [(phrase: String, exceptIn: Set<String>)] = [
        ("try!", []),
        ("as!", []),
        ("fatalError(", []),
        ("print(", ["gyre"]),
        ("debugPrint(", []),
        ("dump(", []),
        ("Task {", ["gyre"]),
        ("Task(", ["gyre"]),
        ("Task.detached", ["gyre"]),
        ("@preconcurrency", []),
        ("unowned(unsafe)", []),
        (unchecked, facingC),
        (unsafe, facingC),
    ]

    /// What would hand a line to a shell; programs are started with a list of arguments.
    static let shells = ["/bin/sh", "/bin/bash", "\"sh\"", "\"bash\"", "popen(", "wordexp("]

    static let unchecked = "@unchecked Sendable"
    static let unsafe = "nonisolated(unsafe)"

    /// Words for what a type does that say nothing of it.
    static let emptyNames = ["Manager", "Helper", "Helpers", "Util", "Utils", "Common", "Impl"]

    /// Whether a declaration may go without a doc comment.
    ///
    /// Types, functions, and variables outside types may not. Exempt are initialisers and
    /// properties of a type, whose meaning is in the name and the type's own comment, and what
    /// the standard library's protocols ask for and document.
    static func mayBeUndocumented(_ declaration: Declaration, depth: Int) -> Bool {
        switch declaration.keyword {
        case "init", "deinit", "extension": true
        case "var", "let": depth > 0
        default: depth > 0 && witnesses.contains(declaration.name)
        }
    }

    /// Of Equatable, Comparable, Hashable, Encodable, Sequence and AsyncSequence.
    private static let witnesses: Set = [
        "==", "<", "hash", "encode", "Element", "Failure", "Iterator", "AsyncIterator",
        "makeIterator", "makeAsyncIterator", "next",
    ]

    /// Places, people and machines that the project's files don't speak of; each in two halves,
    /// so that this file speaks of none.
    static let workplace = [
        ("/wo", "rk/"), ("/tm", "p/dev"), ("clau", "de"), ("anthro", "pic"), ("chat", "gpt"),
        ("open", "ai"), ("cop", "ilot"), ("sub", "agent"), ("language ", "model"),
        ("FEASI", "BILITY.md"), ("STY", "LE.md"), ("DESI", "GN.md"), ("pypi", ".org"),
        ("deb.deb", "ian.org"), ("npm", "js.org"), ("arti", "factory"),
    ].map { $0 + $1 }

    /// Notes to oneself.
    static let unfinished = [("TO", "DO"), ("FIX", "ME"), ("X", "XX"), ("HA", "CK")].map { $0 + $1 }
}
