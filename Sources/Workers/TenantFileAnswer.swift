internal import FoundationEssentials
internal import Model

/// What a worker says of a `.gyre.yaml`, as JSON: a tenant's data, like any answer.
struct TenantFileAnswer: Codable {
    /// What it says; nil where it says nothing that can be used.
    var file: TenantFile?
    /// Why it doesn't.
    var refused: [Diagnostic]?

    init(_ result: Result<TenantFile, Rejection>) {
        switch result {
        case .success(let file): self.file = file
        case .failure(let rejection): refused = rejection.diagnostics
        }
    }

    /// Reads what a worker wrote, and sees that it is what the reader of such files can say.
    init(parsing bytes: [UInt8]) throws {
        guard LoadAnswer.depth(of: bytes) <= LoadAnswer.deepest else {
            throw LoadAnswer.Unusable("too deep")
        }
        do {
            self = try JSONDecoder().decode(TenantFileAnswer.self, from: Data(bytes))
        } catch {
            throw LoadAnswer.Unusable("no answer of a reader")
        }
        guard (file == nil) != (refused == nil) else {
            throw LoadAnswer.Unusable("neither yes nor no")
        }
        for (name, stack) in file?.stacks ?? [:] {
            guard Name.isValid(name), Self.isSound(stack) else {
                throw LoadAnswer.Unusable("names that no file may have")
            }
        }
        if let refused {
            try LoadAnswer.check(refused)
            guard refused.contains(where: { $0.severity == .error }) else {
                throw LoadAnswer.Unusable("a refusal without an error")
            }
        }
    }

    /// What the file says, or why nothing.
    func result() throws -> TenantFile {
        if let refused { throw Rejection(refused) }
        guard let file else { throw LoadAnswer.Unusable("neither yes nor no") }
        return file
    }

    private static func isSound(_ stack: DeclaredStack) -> Bool {
        let overlays = (stack.environments ?? [:]).values
        let files =
            stack.files + stack.environmentFiles
            + overlays.flatMap { $0.files + $0.environmentFiles }
        let names =
            stack.dependencies.map(\.text)
            + [stack.environment?.text].compactMap { $0 } + (stack.environments ?? [:]).keys
        let parts = stack.folder.text.split(separator: "/", omittingEmptySubsequences: false)
        return names.allSatisfy(Name.isValid) && !parts.contains("..")
            && !stack.folder.text.hasPrefix("/")
            && files.allSatisfy { !$0.text.hasPrefix("/") && !$0.text.isEmpty }
    }
}
