internal import ComposeFile
internal import Model
internal import Reconciliation

/// The stacks of a folder of the disk, as its `.gyre.yaml` has them.
struct FolderStacks {
    private let file: TenantFile?
    private let snapshot: Snapshot

    /// Throws a `Rejection` of the file, and `GivenUp` where it is to blame that nothing is known.
    init(
        of snapshot: Snapshot,
        loading: some StackLoading,
        within limits: LoadingLimits
    ) async throws {
        self.snapshot = snapshot
        guard snapshot.hasFile(TenantFile.name) else {
            file = nil
            return
        }
        let bytes = try TenantFile.bytes(at: TenantFile.name, of: snapshot)
        file = try await loading.tenantFile(bytes, at: TenantFile.name, of: "", within: limits)
    }

    /// Whether there is such a file; else the folder is a stack, or folders in it are.
    var isDeclared: Bool { file != nil }

    /// Every stack in every environment that the file has something for; an environment is nil
    /// where it makes no difference.
    func all() -> [(environment: String?, stack: StackFolder)] {
        guard let file else { return [] }
        return file.stacks.sorted { $0.key < $1.key }.flatMap { name, stack in
            let asked = stack.environment.map { [$0.text] }
            let names = asked ?? stack.environments?.keys.sorted() ?? []
            let one = TenantFile(stacks: [name: stack])
            guard !names.isEmpty else {
                return one.folders(in: snapshot, below: "", environments: nil).map {
                    (String?.none, $0)
                }
            }
            return names.flatMap { environment in
                one.folders(in: snapshot, below: "", environments: [environment])
                    .map { (environment, $0) }
            }
        }
    }

    /// The name of the stack that lies in `folder`.
    ///
    /// Throws a `Rejection` where there isn't one, or where there are several.
    func name(of folder: String, in environment: String?) throws -> String {
        guard let file else { return "" }
        let folders = file.folders(in: snapshot, below: "", environments: environment.map { [$0] })
        let names = Set(folders.filter { $0.folder == folder }.map(\.name)).sorted()
        guard names.count != 1 else { return names[0] }
        let others = folders.map(\.name).sorted().joined(separator: ", ")
        throw Rejection(
            Diagnostic(
                code: "unknown-stack",
                names.isEmpty
                    ? "it has no stack in \(folder); it has \(others)"
                    : "it has several stacks in \(folder): \(names.joined(separator: ", "))",
                at: SourceLocation(file: TenantFile.name, line: 1, column: 1),
                fix: names.isEmpty
                    ? "name the folder of a stack, or add this one" : "name one with --stack"
            )
        )
    }

    /// The stack `name` in an environment: of the file, or the folder itself; it has to lie in
    /// `folder` where one is named.
    ///
    /// Throws a `Rejection` where the file has no such stack, or something against it.
    func stack(
        _ name: String,
        in environment: String?,
        at place: String? = nil
    ) throws -> StackFolder {
        guard let file else {
            guard environment == nil else {
                throw Failure(
                    .usage,
                    "the folder has no \(TenantFile.name), which says what environments are",
                    remedy: "leave out --environment, or name the folder that has the file"
                )
            }
            return StackFolder(name: name, folder: "")
        }
        let folders = file.folders(
            in: snapshot,
            below: "",
            environments: environment.map { [$0] }
        )
        guard let folder = folders.first(where: { $0.name == name }) else {
            let known = file.stacks.keys.sorted().joined(separator: ", ")
            throw Rejection(
                Diagnostic(
                    code: "unknown-stack",
                    "it names no stack \(name); it has \(known)",
                    at: SourceLocation(file: TenantFile.name, line: 1, column: 1),
                    fix: "name one of them with --stack"
                )
            )
        }
        guard folder.findings.isEmpty else { throw Rejection(folder.findings) }
        if let place, folder.folder != place {
            throw Failure(
                .usage,
                "\(TenantFile.name) has the stack \(name) in \(folder.folder), not in \(place)",
                remedy: "name the folder of the stack, or leave out --stack"
            )
        }
        return folder
    }
}
