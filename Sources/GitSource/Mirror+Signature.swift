internal import CGit2
internal import Model

/// What somebody signed, and the signature.
struct SignedText {
    /// Kinds of signature, by how git writes them down.
    ///
    /// Source: gitformat-signature(5).
    enum Kind {
        case ssh, openPGP, x509
    }

    let text: [UInt8]
    let signature: [UInt8]

    /// nil for a kind that git doesn't have.
    var kind: Kind? {
        let marks: [(String, Kind)] = [
            ("-----BEGIN SSH SIGNATURE-----", .ssh),
            ("-----BEGIN PGP SIGNATURE-----", .openPGP),
            ("-----BEGIN PGP MESSAGE-----", .openPGP),
            ("-----BEGIN SIGNED MESSAGE-----", .x509),
        ]
        return marks.first { signature.starts(with: $0.0.utf8) }?.1
    }
}

extension Mirror {
    /// Larger is no signature that anybody makes.
    private static let signatureLimit = 64 << 10

    /// What was signed of the commit `id`; nil where nobody did.
    func signed(_ id: String) throws(GitError) -> SignedText? {
        var oid = try ObjectID.parse(id)
        var signature = git_buf()
        var text = git_buf()
        defer {
            git_buf_dispose(&signature)
            git_buf_dispose(&text)
        }
        let status = git_commit_extract_signature(&signature, &text, repository, &oid, nil)
        guard status != GIT_ENOTFOUND.rawValue else { return nil }
        try check("read the signature of \(id.prefix(8))", status)
        return try bounded(SignedText(text: bytes(text), signature: bytes(signature)), of: id)
    }

    /// What was signed of the tag by which `reference` leads to the commit `id`; nil where it is
    /// no tag of its own, leads elsewhere by now, or nobody signed it.
    func signedTag(_ reference: GitReference, of id: String) throws(GitError) -> SignedText? {
        guard let ref = try tagRef(of: reference), let target = try target(of: ref),
            ObjectID.text(target) == id
        else { return nil }
        var oid = git_oid()
        try check("read \(ref)", git_reference_name_to_id(&oid, repository, ref))
        var database: OpaquePointer?
        try check("open the object database", git_repository_odb(&database, repository))
        defer { git_odb_free(database) }
        var object: OpaquePointer?
        try check("read the tag \(ref)", git_odb_read(&object, database, &oid))
        defer { git_odb_object_free(object) }
        guard git_odb_object_type(object) == GIT_OBJECT_TAG, let start = git_odb_object_data(object)
        else { return nil }
        let all = UnsafeRawBufferPointer(start: start, count: git_odb_object_size(object))
        return try SignedText(tag: Array(all)).map { signed throws(GitError) in
            try bounded(signed, of: id)
        }
    }

    private func bounded(_ signed: SignedText, of id: String) throws(GitError) -> SignedText {
        guard signed.signature.count > Mirror.signatureLimit else { return signed }
        throw GitError(
            .signatureRefused,
            operation: "read the signature of \(id.prefix(8))",
            message: "it has \(signed.signature.count) bytes, more than \(Mirror.signatureLimit)"
        )
    }

    private func bytes(_ buffer: git_buf) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }
}

extension SignedText {
    /// The last line of a tag's message that begins a signature parts the two.
    ///
    /// Source: git's `parse_signature`, which looks for the last such line.
    init?(tag bytes: [UInt8]) {
        var start: Int?
        var line = 0
        while line < bytes.count {
            let rest = bytes[line...]
            if SignedText(text: [], signature: Array(rest.prefix(40))).kind != nil { start = line }
            line = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
        }
        guard let start else { return nil }
        self.init(text: Array(bytes[..<start]), signature: Array(bytes[start...]))
    }
}
