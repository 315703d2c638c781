internal import FoundationEssentials
internal import GRDB
internal import Model

/// What became of a check of the whole audit log, and of the journal beside it.
package struct AuditProof: Sendable {
    /// Something that is not as it was written.
    package struct Finding: Hashable, Sendable {
        /// The file that it is about.
        package let file: String
        /// The entry that it is about, where it is about one.
        package let entry: Int64?
        package let message: String
    }

    package private(set) var findings: [Finding] = []
    /// What a reader has to know, and is no finding.
    package private(set) var remarks: [String] = []
    /// The first entry that was seen, and the last that was good.
    package private(set) var first: Int64?
    package private(set) var head: ChainHead?
    /// The last link of the journal; nil where there is none.
    package private(set) var journal: ChainHead?
    /// How many heads that were noted elsewhere were compared.
    package private(set) var compared = 0

    /// There is no log, and nothing that knows of one.
    package private(set) var isAbsent = false

    package var isSound: Bool { findings.isEmpty }

    /// Heads of the log that are known from elsewhere, by number: what each hash is, and whose.
    private var anchors: [Int64: [(hash: String, source: String)]] = [:]
    /// Heads of the journal that the log has, by number.
    private var journalAnchors: [Int64: String] = [:]

    /// Whether the walk along the log ended at a break.
    private var isCutShort = false

    /// Checks the log in `directory`, which goes on where `earlier` files ended, oldest first,
    /// against the journal and the head beside it, and against a `kept` head.
    package init(of directory: String, earlier: [String] = [], kept: ChainHead? = nil) throws {
        if let kept { expect(kept, "the head that was given") }
        if let noted = AuditLog.notedHead(at: directory) { expect(noted, "audit.head") }
        try readJournalAnchors(directory)
        for path in earlier { try walk(path) }
        let file = AuditLog.file(in: directory)
        if !file.parts.contains("") {
            isAbsent = anchors.isEmpty && earlier.isEmpty
            add(file.name, nil, "there is no audit log")
        } else {
            try walk(file.path)
        }
        complainOfMissing(earlier.isEmpty ? file.name : earlier[0])
        try checkJournal(directory)
    }

    /// Checks files alone, oldest first, as on another machine.
    package init(ofFiles files: [String], kept: ChainHead? = nil) throws {
        if let kept { expect(kept, "the head that was given") }
        for path in files { try walk(path) }
        complainOfMissing(files.first ?? "")
    }

    private mutating func add(_ file: String, _ entry: Int64?, _ message: String) {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        findings.append(Finding(file: name, entry: entry, message: message))
    }

    private mutating func expect(_ head: ChainHead, _ source: String) {
        guard head.sequence > 0 else { return }
        let known = anchors[head.sequence] ?? []
        if !known.contains(where: { $0.hash == head.hash }) {
            anchors[head.sequence] = known + [(head.hash, source)]
        }
    }

    /// Goes along one file, from where the one before it ended.
    private mutating func walk(_ path: String) throws {
        var proof = self
        do {
            var walker: ChainWalker?
            try ChainSource(path).forEach(AuditLog.chain) { link in
                var at = walker ?? proof.begin(path, link)
                defer { walker = at }
                try at.take(link) { proof.passed($0) }
                proof.head = at.head
            }
        } catch let error as StoreError where error.code == .broken {
            let last = proof.head?.sequence ?? (proof.first ?? 1) - 1
            proof.isCutShort = true
            proof.add(path, last + 1, error.message)
        }
        self = proof
        checkTables(path, AuditLog.chain)
    }

    /// A file that can't be read is told of already.
    private mutating func checkTables(_ path: String, _ chain: Chain) {
        guard (try? ChainSource(path).isAsMade(chain)) == false else { return }
        add(path, nil, "its tables are not the ones that Gyre made: somebody has changed the file")
    }

    /// Where a file begins: after the one before it, or after what its first entry says.
    private mutating func begin(_ path: String, _ link: ChainLink) -> ChainWalker {
        if let head {
            if head != link.before {
                add(path, link.sequence, "it does not follow entry \(head.sequence)")
                return ChainWalker(AuditLog.chain, from: link.before)
            }
            return ChainWalker(AuditLog.chain, from: head)
        }
        first = link.sequence
        let start = link.sequence == 1 ? ChainHead.start : link.before
        compare(start, path)
        return ChainWalker(AuditLog.chain, from: start)
    }

    private mutating func passed(_ link: ChainLink) {
        compare(ChainHead(sequence: link.sequence, hash: link.hash), nil)
        guard let json = try? JSON(parsing: Array(link.payload.utf8)) else { return }
        if json["kind"]?.stringValue == AuditEntry.Kind.journal.rawValue {
            // What was known of the journal before is of another.
            journalAnchors = [:]
            let reason = json["facts"]?["reason"]?.stringValue ?? "?"
            remarks.append("entry \(link.sequence): the journal was made anew: \(reason)")
        }
        if json["kind"]?.stringValue == AuditEntry.Kind.missed.rawValue {
            remarks.append("entry \(link.sequence): outcomes before it could not be written")
        }
        guard let text = json["journal"]?.stringValue, let head = ChainHead(parsing: text),
            head.sequence > 0
        else { return }
        journalAnchors[head.sequence] = head.hash
    }

    private mutating func compare(_ head: ChainHead, _ path: String?) {
        guard let known = anchors.removeValue(forKey: head.sequence) else { return }
        for (hash, source) in known {
            compared += 1
            guard hash != head.hash else { continue }
            add(
                path ?? "audit.sqlite",
                head.sequence,
                "entry \(head.sequence) is another than \(source) knows: the log was made anew"
            )
        }
    }

    /// What is known to have been, and is in no file.
    private mutating func complainOfMissing(_ path: String) {
        if let first, first > 1 {
            let range = first == 2 ? "entry 1 is" : "entries 1 to \(first - 1) are"
            add(path, first, "\(range) not here: name the files that have them, oldest first")
            anchors = anchors.filter { $0.key >= first }
        }
        // Past a break, what is left is no news.
        guard !isCutShort, let last = anchors.keys.max(),
            let source = anchors[last]?.first?.source
        else { return }
        let end = head.map { "it ends at entry \($0.sequence)" } ?? "it has none"
        add("audit.sqlite", last, "\(source) knows entry \(last), and \(end): its end was cut off")
    }

    private mutating func readJournalAnchors(_ directory: String) throws {
        let file = JournalFile(in: directory).file
        guard file.parts.contains("") else { return }
        var proof = self
        // A broken journal is told of once, when it is checked.
        try? ChainSource(file.path).forEach(JournalChain.chain) { link in
            guard let head = JournalChain.audit(in: link) else { return }
            proof.expect(head, "entry \(link.sequence) of the journal")
        }
        self = proof
    }

    /// Checks the journal's own chain, and whether it has what the log knows of it.
    private mutating func checkJournal(_ directory: String) throws {
        let file = JournalFile(in: directory).file
        guard file.parts.contains("") else {
            if !journalAnchors.isEmpty { add(file.name, nil, "there is no journal") }
            return
        }
        var walker = ChainWalker(JournalChain.chain)
        var proof = self
        do {
            try ChainSource(file.path).forEach(JournalChain.chain) { link in
                try walker.take(link) { link in
                    guard let hash = proof.journalAnchors.removeValue(forKey: link.sequence)
                    else { return }
                    proof.compared += 1
                    guard hash != link.hash else { return }
                    proof.add(
                        file.name,
                        link.sequence,
                        "entry \(link.sequence) is another than the audit log knows: the journal "
                            + "was made anew"
                    )
                }
            }
            proof.journal = walker.head
            if let last = proof.journalAnchors.keys.max(), last > walker.head.sequence {
                proof.add(
                    file.name,
                    last,
                    "the audit log knows entry \(last), and it ends at entry "
                        + "\(walker.head.sequence): its end was cut off"
                )
            }
        } catch let error as StoreError where error.code == .broken {
            proof.add(file.name, walker.head.sequence + 1, error.message)
        }
        self = proof
        checkTables(file.path, JournalChain.chain)
    }
}
