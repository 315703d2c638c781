internal import GRDB

/// Why the store could not do what it was asked.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What to make of it.
    package enum Code: String, Sendable {
        /// The disk is full or fails; nothing of the call is in the store.
        case outOfDisk
        /// Another process has it.
        case locked
        /// It was removed while it was in use, or another was put in its place.
        case lost
        /// What is stored is not what was written.
        case broken
        /// It is there already.
        case exists
        /// It was opened for reading only.
        case readOnly
        /// Anything else, such as a directory that may not be entered.
        case failed
    }

    package let code: Code
    /// What was being done, such as `append to the journal`.
    package let operation: String
    package let message: String

    package init(_ code: Code, _ operation: String, _ message: String) {
        self.code = code
        self.operation = operation
        self.message = message
    }

    /// Whether the same call may succeed later without anybody's mending the store.
    package var isTransient: Bool { code == .outOfDisk || code == .locked }

    package var description: String { "could not \(operation): \(message)" }
}

extension StoreError {
    /// What SQLite reported, sorted; <https://www.sqlite.org/rescode.html>.
    ///
    /// The statements here are fixed, so one that SQLite does not understand (`SQLITE_ERROR`)
    /// met a file whose tables are not ours.
    init(_ error: any Error, _ operation: String) {
        guard !(error is RowDecodingError) else {
            self.init(.broken, operation, "a row holds values of another type")
            return
        }
        guard let failure = error as? DatabaseError else {
            self = error as? StoreError ?? StoreError(.failed, operation, "\(error)")
            return
        }
        let message = failure.message ?? "SQLite error \(failure.extendedResultCode.rawValue)"
        self.init(Self.code(of: failure.resultCode), operation, message)
    }

    private static func code(of result: ResultCode) -> Code {
        switch result {
        case .SQLITE_FULL, .SQLITE_IOERR: .outOfDisk
        case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_MISMATCH: .broken
        case .SQLITE_READONLY: .readOnly
        default: .failed
        }
    }
}
