import Foundation
import Model
import TestSupport
import Testing

/// A stack crosses to another process as JSON, and is the same there.
@Suite struct StackCodingTests {
    @Test(arguments: 0..<200)
    func generatedStacksComeBackTheSame(seed: Int) throws {
        var generator = StackGenerator(seed: seed)
        let stack = generator.stack()
        let edited = generator.edited(stack)
        #expect(try sent(stack) == stack)
        #expect(try sent(edited) == edited)
    }

    /// What the generator leaves out, each with a value of its own.
    @Test func everythingElseComesBackTheSame() throws {
        var service = Service(image: "registry.example.org/a:1")
        service.environment = ["A": nil, "B": "", "e\u{301}": "\u{0}\n\"\\/\u{2028}😀"]
        service.tmpfs = ["/run": "size=1m"]
        service.restart = .onFailure(retries: 3)
        service.command = []
        service.stopGracePeriod = .seconds(3)
        service.scheduling.percent = 0.1
        service.sysctls = ["net.core.somaxconn": "1024"]
        service.ulimits = ["nofile": .init(soft: -1, hard: .max)]
        service.logging = .init(options: ["max-size": "1m"])
        service.deployment = .init()
        service.deployment?.update = .init()
        service.deployment?.update?.maximumFailureRatio = 1.0 / 3
        service.deviceRequests = [.init(count: -1)]
        service.writtenPolicy = .init(name: "always")
        service.privileges.namespaces = ["pid": "host"]
        service.volumes = [
            Mount(source: .bind(path: "/x"), target: "/a"),
            Mount(source: .memory(size: ByteCount(1), mode: nil), target: "/b"),
            Mount(source: .memory(size: nil, mode: 0o777), target: "/c"),
            Mount(source: .image(reference: "i"), target: "/d"),
            Mount(source: .other(type: "npipe", source: ""), target: "/e"),
            Mount(source: .anonymous, target: "/f"),
            Mount(source: .external(ExternalFile(key: "k", isSecret: true)), target: "/g"),
        ]
        var stack = Stack(id: try StackID(project: "a", stack: "b"), files: ["compose.yaml"])
        stack.services = ["web": service]
        stack.networks = ["default": .init(name: "n")]
        stack.networks["default"]?.addressing.pools = [.init(), .init(subnet: "10.0.0.0/8")]
        stack.networks["default"]?.hasIPv6 = false
        stack.volumes = ["v": .init(name: "v")]
        for (index, origin) in [
            Stack.StoredFile.Origin.file("f"), .variable("V"), .text(""), .external,
        ].enumerated() {
            stack.configs["\(index)"] = .init(name: "c", origin: origin)
        }
        stack.configs["0"]?.content = [0, 255]
        stack.texts = ["config c": ConcealedText("secret")]
        stack.extensions = [
            "x-a": ["b": [.null, true, 1, .double(0.5), .int(.max), .double(1e300), "1"]],
            "x-b": .null, "x-c": [:], "x-d": [],
        ]
        let place = SourceLocation(file: "compose.yaml", line: 1, column: 2)
        stack.places = SourceMap([
            FieldPath(): place, FieldPath("services", "0"): place,
            (FieldPath("services", "web") / "ports")[0]: place,
        ])
        stack.warnings = [Diagnostic(.warning, code: "c", "m", at: place, field: FieldPath("x"))]
        #expect(try sent(stack) == stack)
    }

    private func sent(_ stack: Stack) throws -> Stack {
        try JSONDecoder().decode(Stack.self, from: JSONEncoder().encode(stack))
    }
}
