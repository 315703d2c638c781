import ComposeFile
import Foundation
import Model
import OperatorFile
import Testing

@testable import Workers

/// What passes between a worker and who asks it.
@Suite struct CodingTests {
    private static let entries: [String: Snapshot.Entry] = [
        "compose.yaml": .file(Array("services: {web: {image: httpd}}".utf8)),
        "empty": .file([]), "bytes": .file([0, 255, 10]), "é/ü": .link("../compose.yaml"),
        "large": .omitted(byteCount: 1 << 40), "sub": .submodule, "lfs": .lfsPointer,
    ]

    @Test func aRequestComesBackTheSame() throws {
        let request = try LoadRequest(entries: Self.entries, executables: ["bytes"])
        let bytes = request.encoded
        #expect(bytes.prefix(8).reduce(0) { $0 << 8 | Int($1) } == bytes.count - 8)
        #expect(try WorkerRequest(decoding: Array(bytes.dropFirst(8))) == .stack(request))
        var tenant = TenantPolicy(profile: .baseline)
        tenant.grants.hosts = ["é.example.org"]
        tenant.choices = [ProfileChoice(.restricted, when: .init(place: .init(node: "a")))]
        let more = LoadRequest(
            request.snapshot,
            at: "a/b",
            id: request.id,
            chosen: ChosenFiles(files: ["a", "b/ü"], environmentFiles: [".env"]),
            wantsConfig: true,
            isForSwarm: true,
            trial: tenant,
            adoptedName: "old"
        )
        let again = try WorkerRequest(decoding: Array(more.encoded.dropFirst(8)))
        #expect(again == .stack(more))
        let file = WorkerRequest.tenantFile(Array("stacks: {}".utf8), path: "a/.gyre.yaml")
        #expect(try WorkerRequest(decoding: Array(file.encoded.dropFirst(8))) == file)
    }

    /// Who wrote the commit, and what about, decides nothing and is not sent.
    @Test func aRequestTellsNothingOfTheCommit() throws {
        let commit = Commit(id: "77aa", author: "ann", seconds: 99, message: "hush")
        let snapshot = Snapshot(commit: commit, entries: [:])
        let request = LoadRequest(snapshot, at: "deploy", id: try StackID(parsing: "shop"))
        let bytes = request.encoded
        for word in ["77aa", "ann", "hush"] { #expect(bytes.firstRange(of: word.utf8) == nil) }
    }

    @Test func aRequestThatIsCutOffIsNone() throws {
        let bytes = try LoadRequest(entries: Self.entries).encoded.dropFirst(8)
        for count in 0..<bytes.count {
            #expect(throws: (any Error).self) {
                try WorkerRequest(decoding: Array(bytes.prefix(count)))
            }
        }
        #expect(throws: WorkerRequest.BadRequest.self) {
            try WorkerRequest(decoding: Array(bytes) + [0])
        }
    }

    /// What a worker that was taken over may say of a `.gyre.yaml`, and no reader does.
    @Test func answersOnTenantFilesAreBelievedOnlyWhereTheyCanBe() throws {
        let text = """
            stacks:
              web: {folder: a/b, files: [x.yaml], environment: prod, depends_on: [db]}
              db: {environments: {prod: {env_files: [p.env]}}}
            """
        let file = try TenantFile(parsing: Array(text.utf8))
        let sound = String(
            decoding: try JSONEncoder().encode(TenantFileAnswer(.success(file))),
            as: UTF8.self
        )
        func read(_ text: String) throws -> TenantFile {
            try TenantFileAnswer(parsing: Array(text.utf8)).result()
        }
        #expect(try read(sound) == file)
        for (text, other) in [
            (#""a\/b""#, #""a\/..\/..\/b""#), (#""a\/b""#, #""\/etc""#), (#""x.yaml""#, #""\/x""#),
            (#""web":"#, #""we\/b":"#), (#""db""#, #""d_b""#), (#""line":2"#, #""line":0"#),
        ] {
            #expect(sound.contains(text), "\(text) \(sound)")
            #expect(throws: LoadAnswer.Unusable.self, "\(other)") {
                try read(sound.replacing(text, with: other))
            }
        }
        for text in ["", "{}", "[]", "{\"refused\":[]}", String(repeating: "[", count: 9999)] {
            #expect(throws: LoadAnswer.Unusable.self) { try read(text) }
        }
        let rejection = Rejection(Diagnostic(code: "x", "x"))
        let refusal = try JSONEncoder().encode(TenantFileAnswer(.failure(rejection)))
        #expect(throws: rejection) { try TenantFileAnswer(parsing: Array(refusal)).result() }
    }

    private func answer(_ text: String) throws -> StackReading {
        let request = try LoadRequest([:])
        return try LoadAnswer(parsing: Array(text.utf8), to: request).result()
    }

    /// The answer of a sound loader, as text that can be spoilt; a refusal where there is no file.
    private func honest(_ compose: String? = "services:\n  web: {image: httpd}\n") throws -> String
    {
        let request = try LoadRequest(compose.map { ["compose.yaml": $0] } ?? [:])
        let result = Result { () throws(Rejection) in
            try StackReading(of: request.snapshot, at: "", id: request.id)
        }
        return String(decoding: try JSONEncoder().encode(LoadAnswer(result)), as: UTF8.self)
    }

    @Test func anHonestAnswerIsTaken() throws {
        #expect(try answer(try honest()).stack.services.keys.sorted() == ["web"])
        #expect(throws: Rejection.self) { try answer(try honest(nil)) }
    }

    /// What the types themselves could not be made of.
    @Test(arguments: [
        ("\"line\":2", "\"line\":0"), ("\"line\":2", "\"line\":-9"),
        ("\"column\":3", "\"column\":9223372036854775807"),
        ("\"project\":\"shop\"", "\"project\":\"sh/op\""),
        ("\"project\":\"shop\"", "\"project\":\"bank\""),
    ])
    func whatNoLoaderSaysIsRefused(text: String, other: String) throws {
        let sound = try honest()
        #expect(sound.contains(text))
        #expect(throws: LoadAnswer.Unusable.self) { try answer(sound.replacing(text, with: other)) }
    }

    @Test func refusalsAndFindingsAreOfTheirKind() throws {
        let refusal = try honest(nil)
        #expect(throws: LoadAnswer.Unusable.self) {
            try answer(refusal.replacing("\"error\"", with: "\"warning\""))
        }
        #expect(throws: LoadAnswer.Unusable.self) { try answer("{\"refused\":[]}") }
        let finding = Diagnostic(.warning, code: "x", "x")
        var reading = LoadAnswer(.success(try answer(try honest())))
        reading.reading = reading.reading.map { StackReading($0.stack, errors: [finding]) }
        let text = String(decoding: try JSONEncoder().encode(reading), as: UTF8.self)
        #expect(throws: LoadAnswer.Unusable.self) { try answer(text) }
    }

    @Test(arguments: ["", "{}", "[]", "null", "garbage", "{\"reading\":1}"])
    func garbageIsRefused(text: String) {
        #expect(throws: LoadAnswer.Unusable.self) { try answer(text) }
    }

    @Test func depthIsBoundedBeforeAnythingIsDecoded() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: LoadAnswer.Unusable.self) { try answer(deep) }
        #expect(LoadAnswer.depth(of: Array(#"{"[[[\"[[":[{}]}"#.utf8)) == 3)
        let nested = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        let compose = "services: {web: {image: httpd}}\nx-deep: \(nested)\n"
        #expect(try answer(try honest(compose)).stack.extensions.isEmpty == false)
    }

    /// A worker that lies about a digest, or names what the commit hasn't.
    @Test func digestsAreMadeAnew() throws {
        let compose = """
            services:
              web:
                image: httpd
                volumes: ["./site:/site:ro"]
                secrets: [token]
            secrets: {token: {file: token.txt}}
            """
        let files = ["compose.yaml": compose, "site/index.html": "hello", "token.txt": "s3cret"]
        let request = try LoadRequest(files)
        func read(_ key: ContentKey = ContentKey()) throws -> StackReading {
            try StackReading(of: request.snapshot, at: "", id: request.id, key: key)
        }
        let key = ContentKey([1, 2, 3])
        var stack = try read().stack
        let contents = try #require(stack.services["web"]?.contents)
        #expect(contents.count == 2)
        for index in contents.indices {
            guard case .content(var content)? = stack.services["web"]?.volumes[index].source else {
                continue
            }
            content.digest = String(repeating: "0", count: 64)
            stack.services["web"]?.volumes[index].source = .content(content)
        }
        try stack.seal(with: key, in: request.snapshot)
        #expect(try read(key) == StackReading(stack))

        guard case .content(var content)? = stack.services["web"]?.volumes[0].source else { return }
        content.source = .tree(path: "../etc")
        stack.services["web"]?.volumes[0].source = .content(content)
        #expect(throws: LoadAnswer.Unusable.self) {
            try stack.seal(with: key, in: request.snapshot)
        }
    }
}
