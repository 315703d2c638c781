import Admission
import Model
import TestSupport

/// A way in which a file says something without its being where a reader looks first.
enum Carrier: String, CaseIterable {
    // Elsewhere: at most one of the first three, and a stack's own file before an extended one.
    case document, override, overlay
    case included, extendsFile, extendsSame, dormant
    // Through a block of the file.
    case merge, mergeList, mergeChain
    // The value alone.
    case alias, variable, `default`, includedVariable
    // As bytes.
    case json, crlf

    static let places: [Carrier] = [.document, .override, .overlay]
    static let moves: [Carrier] = [.included, .extendsFile, .extendsSame]
    static let blocks: [Carrier] = [.merge, .mergeList, .mergeChain]
    static let values: [Carrier] = [.alias, .variable, .default, .includedVariable]
    static let spellings: [Carrier] = [.json, .crlf]
}

/// The files of a stack in which carriers bring an attribute.
struct HostileFiles {
    private struct Service {
        var name: String
        var rest: [String]
        var carried: [String] = []
    }

    private struct Document {
        var head: [String] = []
        var services: [Service]
    }

    private var files: [String: [Document]] = [:]
    private var place = (file: "compose.yaml", document: 0, service: 0)
    private var variables: String?
    private var plain: [String: String] = [:]
    private(set) var chosen = ChosenFiles()
    /// Those that could be used; the others don't go with the attribute.
    private(set) var used: [Carrier] = []

    /// Chooses carriers by `random`.
    init(_ attribute: HostileAttribute, _ random: inout SplitMix64) {
        let image = attribute.lines.contains { $0.hasPrefix("image:") } ? [] : ["image: nginx"]
        let web = Service(name: "web", rest: image, carried: attribute.lines)
        files[place.file] = [Document(head: attribute.top.map { [$0] } ?? [], services: [web])]
        if random.chance(40) { elsewhere(by: random.pick(Carrier.places)) }
        let moves = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            random.pick(Carrier.moves)
        }
        // What an extended file includes is nobody's.
        for carrier in moves.sorted(by: { $0 == .included && $1 != .included }) {
            move(by: carrier, attribute.top)
        }
        if random.chance(15) { sleep() }
        if random.chance(40) { block(by: random.pick(Carrier.blocks)) }
        let spelling = random.chance(50) ? random.pick(Carrier.values) : nil
        spell(attribute.value, attribute.top, by: spelling)
        let bytes = random.chance(30) ? random.pick(Carrier.spellings) : nil
        if let bytes { used.append(bytes) }
        write(by: bytes, quotesKeys: random.chance(20), isNoisy: random.chance(30))
    }

    /// Files in which carriers, chosen by `seed`, bring nothing that anybody denies.
    static func harmless(seed: Int) -> HostileFiles {
        var random = SplitMix64(seed: seed)
        let (line, value) = random.pick([
            ("init: #", "true"), ("cap_add: [#]", "chown"), ("tmpfs: [#]", "/run"),
            ("scale: #", "2"), ("labels: ['a=#']", "b"), ("image: #", "httpd:2.4"),
        ])
        let attribute = HostileAttribute(row: "", topics: [], lines: [line], top: nil, value: value)
        return HostileFiles(attribute, &random)
    }

    /// What the controller reads.
    var entries: [String: Snapshot.Entry] {
        plain.mapValues { Snapshot.Entry.file(Array($0.utf8)) }
    }

    var description: String {
        plain.sorted { $0.key < $1.key }.filter { !$0.key.hasSuffix("more.yaml") }
            .map { "--- \($0)\n\($1)" }.joined()
    }

    private var service: Service {
        get { files[place.file, default: []][place.document].services[place.service] }
        set { files[place.file, default: []][place.document].services[place.service] = newValue }
    }

    private var head: [String] {
        get { files[place.file, default: []][place.document].head }
        set { files[place.file, default: []][place.document].head = newValue }
    }

    /// Takes what is carried out of the service, which keeps `rest` in its place.
    private mutating func take(leaving rest: [String]) -> Service {
        let taken = service
        service = Service(name: taken.name, rest: rest)
        return taken
    }

    private mutating func elsewhere(by carrier: Carrier) {
        let taken = take(leaving: ["image: nginx"])
        switch carrier {
        case .document:
            files[place.file]?.append(Document(services: [taken]))
            place.document = 1
        case .override:
            place.file = "compose.override.yaml"
            files[place.file] = [Document(services: [taken])]
        default:
            place.file = "prod.yaml"
            files[place.file] = [Document(services: [taken])]
            chosen.files = ["compose.yaml", "prod.yaml"]
        }
        used.append(carrier)
    }

    private mutating func move(by carrier: Carrier, _ top: String?) {
        let number = files.count
        let folder = place.file.hasPrefix("a/") ? "a/" : ""
        let reference = folder.isEmpty ? "a/f\(number).yaml" : "f\(number).yaml"
        switch carrier {
        case .extendsSame:
            // Several of them stand in one file.
            let base = "base\(number)\(place.service)"
            var taken = take(leaving: ["extends: \(base)"])
            taken.name = base
            files[place.file]?[place.document].services.append(taken)
            place.service += 1
        case .extendsFile:
            var taken = take(leaving: ["extends: {file: \(reference), service: base}"])
            taken.name = "base"
            add(taken, to: folder + reference)
        default:
            // The project's name is that of its own file.
            guard place.document == 0, place.service == 0, top?.hasPrefix("name") != true else {
                return
            }
            var taken = take(leaving: ["image: nginx"])
            taken.name = "own\(number)"
            let moved = head.filter { $0 == top }
            head = head.filter { $0 != top } + ["include: [\(reference)]"]
            // Of another file, what stands beside the services stays where it is.
            add(taken, to: folder + reference)
            head = moved
        }
        used.append(carrier)
    }

    private mutating func add(_ service: Service, to file: String) {
        files[file] = [Document(services: [service])]
        place = (file, 0, 0)
    }

    private mutating func sleep() {
        service.rest.append("profiles: [p]")
        files["compose.yaml"]?[0].services.append(Service(name: "awake", rest: ["image: nginx"]))
        used.append(.dormant)
    }

    private mutating func block(by carrier: Carrier) {
        let block = "{\(service.carried.joined(separator: ", "))}"
        switch carrier {
        case .mergeList:
            head += ["x-a: &a {init: true}", "x-b: &b \(block)"]
            service.carried = ["<<: [*a, *b]"]
        case .mergeChain:
            head += ["x-a: &a \(block)", "x-b: &b {<<: *a}"]
            service.carried = ["<<: *b"]
        default:
            head.append("x-a: &a \(block)")
            service.carried = ["<<: *a"]
        }
        used.append(carrier)
    }

    private mutating func spell(_ value: String, _ top: String?, by carrier: Carrier?) {
        let text = HostileFiles.text(of: value)
        var spelled = value
        var define: String?
        switch carrier {
        case .alias where !value.isEmpty && !value.contains(": "):
            spelled = "*v"
            define = "x-v: &v \(value)"
        case .variable where text != nil, .includedVariable where text != nil:
            let isIncluded =
                carrier == .includedVariable && used.contains(.included)
                && top?.contains("#") != true
            if carrier == .includedVariable, !isIncluded { break }
            spelled = "\"${VALUE}\""
            variables = "VALUE='\(text ?? "")'\n"
            plain[isIncluded ? "own.env" : ".env"] = variables
            guard isIncluded else { break }
            plain["a/own.env"] = variables
            replaceInclude()
        case .default where text?.contains("}") == false:
            spelled = "\"${NOTHING:-\(text ?? "")}\""
        default: break
        }
        let isSpelled = substitute(value, spelled, define)
        if isSpelled, spelled != value, let carrier { used.append(carrier) }
    }

    /// Has included files read `own.env` in the place of `.env`.
    private mutating func replaceInclude() {
        for (file, documents) in files {
            files[file] = documents.map { document in
                var document = document
                document.head = document.head.map { line in
                    guard line.hasPrefix("include: [a/f") || line.hasPrefix("include: [f") else {
                        return line
                    }
                    let path = line.dropFirst(10).dropLast()
                    return "include: [{path: \(path), env_file: own.env}]"
                }
                return document
            }
        }
    }

    /// Puts the value where `#` stands, within quotes as it is; whether it could be spelled so.
    private mutating func substitute(
        _ value: String,
        _ spelled: String,
        _ define: String?
    ) -> Bool {
        var isSpelled = false
        func put(_ line: String) -> String {
            guard let range = line.firstRange(of: "#") else { return line }
            let isQuoted = line[..<range.lowerBound].count { $0 == "'" } % 2 == 1
            guard isQuoted else {
                isSpelled = true
                return line.replacing("#", with: spelled)
            }
            guard define == nil else { return line.replacing("#", with: value) }
            isSpelled = true
            let inner = spelled.hasPrefix("\"${") ? String(spelled.dropFirst().dropLast()) : spelled
            return line.replacing("#", with: inner)
        }
        for (file, documents) in files {
            files[file] = documents.map { document in
                var document = document
                document.head = document.head.map(put)
                for index in document.services.indices {
                    document.services[index].carried = document.services[index].carried.map(put)
                }
                let lines = document.head + document.services.flatMap(\.carried)
                if let define, lines.contains(where: { $0.contains("*v") }) {
                    document.head.insert(define, at: 0)
                }
                return document
            }
        }
        return isSpelled
    }

    /// What a variable has to have for the value; nil where none can have it.
    private static func text(of value: String) -> String? {
        guard let first = value.first, first != "{", first != "[" else { return nil }
        let isQuoted = first == "'" || first == "\""
        let text = isQuoted ? String(value.dropFirst().dropLast()) : value
        return text.contains { "'\"\\$\n".contains($0) } ? nil : text
    }

    private mutating func write(by spelling: Carrier?, quotesKeys: Bool, isNoisy: Bool) {
        for (file, documents) in files {
            let texts = documents.map { document in
                spelling == .json
                    ? HostileFiles.flow(document) : HostileFiles.blocks(document, quotesKeys)
            }
            var text = texts.joined(separator: "---\n")
            if isNoisy, spelling != .json { text += "x-noise: {privileged: no}\n" }
            if spelling == .crlf { text = "\u{FEFF}" + text.replacing("\n", with: "\r\n") }
            plain[file] = text
        }
        for file in ["more.yaml", "a/more.yaml"] { plain[file] = "services: {m: {image: nginx}}" }
    }

    private static func blocks(_ document: Document, _ quotesKeys: Bool) -> String {
        let services = document.services.flatMap { service in
            ["  \(service.name):"]
                + (service.rest + service.carried).map { line in
                    let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
                    guard quotesKeys, parts.count == 2, parts[0] != "<<" else {
                        return "    \(line)"
                    }
                    return "    \"\(parts[0])\": \(parts[1])"
                }
        }
        return (document.head + ["services:"] + services).map { $0 + "\n" }.joined()
    }

    private static func flow(_ document: Document) -> String {
        let services = document.services.map { service in
            let lines = (service.rest + service.carried).joined(separator: ", ")
            return "\"\(service.name)\": {\(lines)}"
        }
        let all = document.head + ["\"services\": {\(services.joined(separator: ", "))}"]
        return "{\(all.joined(separator: ",\n "))}\n"
    }
}

extension Snapshot {
    /// A tenant's commit of these files and links.
    init(ofTenant entries: [String: Entry]) {
        let id = String(repeating: "0", count: 40)
        self.init(commit: Commit(id: id, author: "", seconds: 0, message: ""), entries: entries)
    }
}
