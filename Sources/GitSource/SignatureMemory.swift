internal import Glibc
internal import Model
internal import Synchronization

/// Who signed what, by the operator's lists as they are: a list that changes is asked anew.
final class SignatureMemory: Sendable {
    private static let limit = 10_000

    struct Key: Hashable {
        private let commit: String
        private let reference: GitReference
        private let signers: Signers
        private let stamps: [Stamp]

        init(_ commit: Commit, _ reference: GitReference, _ signers: Signers) {
            self.commit = commit.id
            self.reference = reference
            self.signers = signers
            stamps = [signers.ssh, signers.openPGP].compactMap(\.self).map(Stamp.init)
        }
    }

    /// By what a change of a file is known; all zero of one that isn't there.
    private struct Stamp: Hashable {
        private let numbers: [Int]

        init(_ path: String) {
            var file = stat()
            stat(path, &file)
            let (changed, inode) = (file.st_ctim, Int(truncatingIfNeeded: file.st_ino))
            numbers = [changed.tv_sec, changed.tv_nsec, inode, Int(file.st_size)]
        }
    }

    private let known = Mutex<[Key: String]>([:])

    func signer(_ key: Key) -> String? { known.withLock { $0[key] } }

    func remember(_ signer: String, _ key: Key) {
        known.withLock { known in
            if known.count >= SignatureMemory.limit { known = [:] }
            known[key] = signer
        }
    }
}
