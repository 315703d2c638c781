internal import Model
internal import YAMLTree

/// Which files a project has and what its variables are: what must be known before any of its
/// files is read whole.
///
/// Source: compose-go's `cli` package. The environment that was asked with wins over `--env-file`
/// or `.env`; a `.env` of the folder in which the file was found fills the gaps.
struct ProjectEnvironment {
    private let loading: Loading
    private let request: ComposeRequest
    private(set) var environment: [String: String]
    /// The folder that relative paths start from.
    private(set) var directory = ""
    private(set) var files: [String] = []
    /// Where a file of variables names them; nil where none does.
    private(set) var filesPlace: SourceLocation?
    /// Where a variable would be set.
    private(set) var environmentFile = ".env"

    init(_ request: ComposeRequest, _ loading: Loading) throws(Rejection) {
        self.loading = loading
        self.request = request
        self.environment = request.environment
        if let obstacle = loading.tree.obstacle(at: request.directory) {
            throw Rejection([Self.finding(obstacle)])
        }
        let given = request.files.map { CleanPath.joined(request.directory, $0) }
        directory =
            request.projectDirectory.map { CleanPath.joined(request.directory, $0) }
            ?? given.first.map(CleanPath.folder) ?? request.directory
        readVariables()
        files = given
        if files.isEmpty { files = listed() }
        if files.isEmpty { files = try found() }
        let isGiven = request.projectDirectory != nil || !given.isEmpty
        if !isGiven, let first = files.first {
            directory = CleanPath.folder(of: first)
            // A file outside is refused where it is named; nothing is read beside it.
            if !loading.leadsOutside(directory) { readVariables() }
        }
    }

    /// The profiles that are on.
    var profiles: Set<String> {
        guard request.profiles.isEmpty else { return Set(request.profiles) }
        let list = environment["COMPOSE_PROFILES"] ?? ""
        let names = Set(list.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty })
        // Source: Docker Compose splits the empty text into one empty name.
        return names.isEmpty ? [""] : names
    }

    /// Reads the files of variables; names that are set already keep their values.
    private mutating func readVariables() {
        guard !request.isForSwarm else { return }
        var paths = request.environmentFiles
        if paths.isEmpty, let list = request.environment["COMPOSE_ENV_FILES"] {
            paths = list.split(separator: ",").map(String.init)
        }
        let reader = EnvironmentReader(loading)
        guard paths.isEmpty else {
            environmentFile = CleanPath.joined(request.directory, paths[0])
            let whole = paths.map { (CleanPath.joined(request.directory, $0), Value?.none) }
            fill(reader.required(whole, environment))
            return
        }
        guard environment["COMPOSE_DISABLE_ENV_FILE"].map({ !$0.isTrue }) ?? true else { return }
        environmentFile = CleanPath.joined(directory, ".env")
        fill(reader.optional(environmentFile, environment))
    }

    private mutating func fill(_ values: [String: String]) {
        environment.merge(values) { own, _ in own }
    }

    /// The files of `COMPOSE_FILE`; nothing between two separators is the folder, and no file.
    private mutating func listed() -> [String] {
        guard let list = environment["COMPOSE_FILE"], !list.isEmpty else { return [] }
        let separator = environment["COMPOSE_PATH_SEPARATOR"] ?? ":"
        filesPlace = place(of: "COMPOSE_FILE")
        return list.replacing(separator, with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { CleanPath.joined(request.directory, String($0)) }
    }

    /// Where the file of variables sets `name`; nil where it came from elsewhere.
    private func place(of name: String) -> SourceLocation? {
        guard request.environment[name] == nil else { return nil }
        // What is wrong with the file was said when its variables were read.
        let reader = EnvironmentReader(Loading(tree: loading.tree))
        return reader.variables(of: environmentFile, named: nil) { environment[$0] }
            .last { $0.name == name }?.location
    }

    /// The file of the folder, or of the nearest enclosing one, and the file that goes over it.
    private func found() throws(Rejection) -> [String] {
        var folder = directory
        while true {
            let files = loading.tree.files(StackFolder.composeFiles, in: folder)
            if let file = files.first {
                let over = loading.tree.files(StackFolder.overrideFiles, in: folder)
                warn(of: files, over)
                return [file] + over.prefix(1)
            }
            let parent = CleanPath.folder(of: folder)
            guard request.searchesParents, parent != folder else { break }
            folder = parent
        }
        let first = CleanPath.joined(request.directory, StackFolder.composeFiles[0])
        let place = request.directory.isEmpty ? "the repository" : request.directory
        throw Rejection(
            loading.findings.list + [
                Diagnostic(
                    code: "no-compose-file",
                    "\(place) holds no compose file",
                    fix: "add \(first)"
                )
            ]
        )
    }

    /// A folder that can't be looked into is not one that holds no file.
    private static func finding(_ obstacle: FolderObstacle) -> Diagnostic {
        let code =
            switch obstacle.kind {
            case .submodule, .link(_, .submodule): "in-submodule"
            case .link(_, .outside): "file-outside"
            case .file, .link: "unreadable-folder"
            }
        return Diagnostic(
            code: code,
            "the stack's folder can't be read: \(obstacle)",
            at: SourceLocation(file: obstacle.path, line: 1, column: 1),
            fix:
                "commit the folder itself in its place; if the stack is to go, commit nothing there"
        )
    }

    private func warn(of lists: [String]...) {
        for list in lists {
            for other in list.dropFirst() {
                loading.warn(
                    "several-compose-files",
                    "\(CleanPath.name(of: other)) is not read, because "
                        + "\(CleanPath.name(of: list[0])) is there",
                    at: SourceLocation(file: other, line: 1, column: 1),
                    fix: "remove one"
                )
            }
        }
    }
}

extension StringProtocol {
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        let end = start.reversed().prefix { $0.isWhitespace }.count
        return String(start.dropLast(end))
    }
}

extension String {
    /// Source: Go's `strconv.ParseBool`.
    fileprivate var isTrue: Bool { ["1", "t", "T", "TRUE", "true", "True"].contains(self) }
}
