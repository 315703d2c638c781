internal import Glibc
internal import Model
internal import Transport

/// A worker had no answer, and its files are not to blame: trying again may help.
package struct WorkerTrouble: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ error: TransportError) { description = "\(error)" }

    private init(_ worker: ChildProcess, _ ending: String) {
        let words =
            worker.errorText.split(whereSeparator: \.isNewline).first.map { ": \($0)" } ?? ""
        description = "the worker that loads the files \(ending)\(words)"
    }

    /// Throws unless the worker ended well; by whose fault is said by what is thrown.
    static func judge(_ worker: ChildProcess, _ limits: LoadingLimits) throws {
        let isLate = worker.processorTime >= .seconds(limits.seconds)
        switch worker.ending {
        case .exited(0): return
        case .exited(LoaderWorker.Exit.noMemory): throw GivenUp.memory(limits)
        case .exited(LoaderWorker.Exit.unconfined): throw WorkerTrouble(worker, "can't be confined")
        case .exited(let code): throw WorkerTrouble(worker, "ended with status \(code)")
        case .killed(SIGXCPU),
            .killed(SIGKILL) where isLate:
            throw GivenUp.time(limits)
        case .killed(SIGKILL), .killed(SIGTERM), .killed(SIGINT), .killed(SIGHUP):
            throw WorkerTrouble(
                worker,
                "was killed by somebody, or by the system for want of memory"
            )
        case .killed(let signal):
            if worker.ranOutOfMemory { throw GivenUp.memory(limits) }
            throw GivenUp("it crashed with signal \(signal)", fix: GivenUp.report)
        case nil: throw WorkerTrouble(worker, "is gone, and nobody knows how it ended")
        }
    }
}

extension ChildProcess {
    /// Whether a crash was for want of memory, by its last words.
    ///
    /// The most that it held, by the kernel's accounting, says nothing: a process begins that
    /// account with what its parent held.
    fileprivate var ranOutOfMemory: Bool {
        let words = errorText.lowercased()
        return ["allocat", "out of memory", "bad_alloc"].contains { words.contains($0) }
    }
}

extension GivenUp {
    /// What to do where a file asks for more than a file should.
    static let smaller = "make the files smaller, with fewer aliases and variables in each other"
    /// What to do where none should have come to this.
    static let report = "push another version; this is a mistake of Gyre's own: please report it"

    fileprivate static func memory(_ limits: LoadingLimits) -> GivenUp {
        GivenUp(
            "it took more than \(limits.memory) of memory",
            fix: "\(smaller); the operator may raise defaults.loading.memory"
        )
    }

    fileprivate static func time(_ limits: LoadingLimits) -> GivenUp {
        GivenUp(
            "it took more than \(limits.seconds) s of a processor",
            fix: "\(smaller); the operator may raise defaults.loading.time"
        )
    }
}
