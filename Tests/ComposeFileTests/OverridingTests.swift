import ComposeFile
import Model
import Testing

/// What later files take away, replace and add, as Docker Compose 5.6 answers.
@Suite struct OverridingTests {
    /// The service `s` of several documents, each its attributes.
    private func service(_ documents: String..., files: [String: String] = [:]) throws -> JSON {
        let text = documents.map { "services: {s: {image: i, \($0)}}" }.joined(separator: "\n---\n")
        return try Sample(text, files).config()["services"]?["s"] ?? .null
    }

    @Test func aResetDropsItsKeyAndTheEarlierPath() throws {
        let keys = ["environment", "labels", "sysctls", "annotations"]
        for key in keys {
            let merged = try service("\(key): {A: 1, B: 2}", "\(key): {A: !reset x}")
            #expect(merged[key] == ["B": "2"], "\(key)")
        }
        let hosts = try service(
            "extra_hosts: {a: 1.1.1.1, b: 1.1.1.2}",
            "extra_hosts: {a: !reset }"
        )
        #expect(hosts["extra_hosts"] == ["b=1.1.1.2"])
    }

    /// A list has no such path, and two mappings that were merged are one.
    @Test func aResetFindsNothingInAList() throws {
        let list = try service("environment: [A=1]", "environment: {A: !reset }")
        #expect(list["environment"] == ["A": "1"])
        let third = try service(
            "environment: {A: 1}",
            "environment: {B: 2}",
            "environment: {A: !reset }"
        )
        #expect(third["environment"] == ["A": "1", "B": "2"])
        let unmerged = try service("environment: {A: 1}", "user: u", "environment: {A: !reset }")
        #expect(unmerged["environment"] == nil)
    }

    @Test func tagsHoldWhereAServiceExtends() throws {
        let base = "services: {b: {image: i, user: u, environment: [A=1], dns: [a]}}"
        let merged = try service(
            "extends: {file: o.yaml, service: b}, user: !reset , environment: !override {B: 2}",
            files: ["o.yaml": base]
        )
        #expect(merged["user"] == nil)
        #expect(merged["environment"] == ["B": "2"])
        #expect(merged["dns"] == ["a"])
    }

    @Test func allDocumentsOfAnExtendedFileCount() throws {
        func extending(_ documents: String...) throws -> JSON {
            try service(
                "extends: {file: o.yaml, service: b}",
                files: ["o.yaml": documents.joined(separator: "\n---\n")]
            )
        }
        let one = "services: {b: {image: x, ports: [80], user: u, environment: [A=1]}}"
        let over = "services: {b: {ports: !override [81], user: !reset , environment: {B: 2}}}"
        let merged = try extending("x-a: 1", one, over)
        #expect(merged["ports"]?.arrayValue?.map { $0["target"] } == [81])
        #expect(merged["user"] == nil)
        #expect(merged["environment"] == ["A": "1", "B": "2"])
        #expect(try extending("services: {c: {image: i}}", one)["user"] == "u")
        #expect(throws: Rejection.self) { try extending("", "# none\n--- \nhello", one) }
    }

    /// Of what a file includes a tag takes away a part, never the whole.
    @Test func includedServicesStay() throws {
        func included(_ own: String) throws -> JSON {
            let files = ["x.yaml": "services: {i: {image: i, user: u, hostname: h}}"]
            let text = "include: [x.yaml]\nservices: {s: {image: i}, i: \(own)}"
            return try Sample(text, files).config()["services"]?["i"] ?? .null
        }
        #expect(try included("!reset {}")["user"] == "u")
        #expect(try included("!override {image: z}")["user"] == "u")
        #expect(try included("!override {image: z}")["image"] == "z")
        #expect(try included("{user: !reset }")["user"] == nil)
        #expect(try included("{user: !reset }")["hostname"] == "h")
    }

    /// Ranges as they are numbered in `1` for 1.0.0.0/8.
    @Test(arguments: [
        ("[1g]", "[2]", "2"), ("[1g, 2g]", "[3]", "3/g2"), ("[1g, 2g]", "[1, 3]", "3/g2 3"),
        ("[1g, 2g, 3g]", "[2]", "2/g3"), ("[2g, 1g]", "[1g, 2g]", "2/g2 2/g2"),
        ("[1g]", "[1g, 2g]", "1/g1 2/g2"), ("[1g]", "[2g, 3]", "2/g2 3"),
    ])
    func laterRangesTakeThePlaceOfEarlierOnes(base: String, over: String, sum: String) throws {
        func network(_ ranges: String) -> String {
            let list = ranges.dropFirst().dropLast().split(separator: ", ").map { range in
                let number = range.prefix(1)
                let gateway = range.hasSuffix("g") ? ", gateway: \(number).0.0.1" : ""
                return "{subnet: \(number).0.0.0/8\(gateway)}"
            }
            return "networks: {n: {ipam: {config: [\(list.joined(separator: ", "))]}}}"
        }
        let text =
            "services: {s: {image: i, networks: [n]}}\n\(network(base))\n---\n\(network(over))"
        let ranges = try Sample(text).config()["networks"]?["n"]?["ipam"]?["config"]
        let short = (ranges?.arrayValue ?? []).map { range in
            let gateway = range["gateway"]?.stringValue.map { "/g\($0.prefix(1))" }
            return "\(range["subnet"]?.stringValue?.prefix(1) ?? "")\(gateway ?? "")"
        }
        #expect(short.joined(separator: " ") == sum)
    }

    @Test(arguments: [("[]", "[{subnet: 1.0.0.0/8}]"), ("[{subnet: 1.0.0.0/8}]", "[]")])
    func rangesMergeWithNoEmptyList(base: String, over: String) {
        let lists = [base, over].map { "networks: {n: {ipam: {config: \($0)}}}" }
        let text = "services: {s: {image: i}}\n" + lists.joined(separator: "\n---\n")
        #expect(throws: Rejection.self) { try Sample(text).config() }
    }

    @Test func limitsMergeByMember() throws {
        func limits(_ base: String, _ over: String) throws -> JSON? {
            try service("ulimits: {n: \(base)}", "ulimits: {n: \(over)}")["ulimits"]?["n"]
        }
        #expect(try limits("{soft: 1, hard: 2}", "{hard: 3}") == ["soft": 1, "hard": 3])
        #expect(try limits("{soft: 1, hard: 2}", "{}") == ["soft": 1, "hard": 2])
        #expect(try limits("{soft: 1, hard: 2}", "5") == 5)
        #expect(try limits("4", "{soft: 1, hard: 2}") == ["soft": 1, "hard": 2])
        #expect(throws: Rejection.self) { try limits("4", "{hard: 3}") }
        #expect(throws: Rejection.self) { try limits("{soft: 1, hard: 2}", "") }
    }

    /// A port of the node as a number is another than as text.
    @Test(arguments: [
        ("['80:80', {target: 80, published: 80}]", 2),
        ("['80:80', {target: 80, published: '80'}]", 1),
        ("['80:80', {target: 80, published: '${P:-80}'}]", 1),
        ("[{target: 80, published: 80}, {target: '80', published: 80}]", 1),
        ("['80', {target: 80, published: ''}]", 2), ("['80', {target: 80}]", 1),
    ])
    func portsThatAreOne(ports: String, count: Int) throws {
        #expect(try service("ports: \(ports)")["ports"]?.arrayValue?.count == count)
    }

    @Test func labelFilesOfAnotherFileStandOnce() throws {
        let merged = try service(
            "extends: {file: o/o.yaml, service: b}, label_file: [o/l, m]",
            files: ["o/o.yaml": "services: {b: {image: i, label_file: [l]}}", "o/l": "", "m": ""]
        )
        #expect(merged["label_file"]?.arrayValue?.count == 2)
    }
}
