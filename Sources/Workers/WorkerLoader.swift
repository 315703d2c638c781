internal import Glibc
package import Model
internal import Transport

/// Loads commits in worker processes, one for each, a few at once.
///
/// However many commits a project has to be loaded, another's find a place: a project has no more
/// workers at once than the machine has processors, and there is one more. Those of several that
/// have as many wait for one another, each for a few.
package struct WorkerLoader: Sendable {
    /// An answer may be this long; the stack of 10,000 services is a quarter of it.
    static let longestAnswer = 64 << 20
    /// Seconds by the clock that a worker may take in any case.
    static let patience = 60
    /// And for each second of a processor that it may take.
    private static let patienceForEach = 6

    private let program: String
    private let longestAnswer: Int
    private let patience: Int
    private let pool: BlockingPool
    /// Of each project; who waits here takes no place in the pool.
    private let turns: Turns<String>

    /// - Parameters:
    ///   - program: What is started; this very program, even where its file was replaced since.
    ///   - width: Workers of one project at once; nil for as many as there are processors.
    package init(program: String = "/proc/self/exe", width: Int? = nil) {
        self.init(program, width, longestAnswer: WorkerLoader.longestAnswer)
    }

    init(
        _ program: String,
        _ width: Int? = nil,
        longestAnswer: Int = WorkerLoader.longestAnswer,
        patience: Int = WorkerLoader.patience
    ) {
        self.program = program
        self.longestAnswer = longestAnswer
        self.patience = patience
        let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        turns = Turns(limit: width ?? processors)
        pool = BlockingPool(name: "workers", threads: (width ?? processors) + 1)
    }

    /// What the files come to.
    ///
    /// Throws a `Rejection` of the files, `GivenUp` where they are to blame that there is no
    /// answer, and anything else where they are not.
    package func load(
        _ request: LoadRequest,
        key: ContentKey,
        within limits: LoadingLimits
    ) async throws -> StackReading {
        let operation = "load the files of \(request.id)"
        let project = request.id.project
        return try await ask(.stack(request), operation, for: project, within: limits) { bytes in
            do {
                let reading = try LoadAnswer(parsing: bytes, to: request).result()
                var stack = reading.stack
                try stack.seal(with: key, in: request.snapshot)
                var sealed = StackReading(stack, errors: reading.errors)
                sealed.config = reading.config
                sealed.hashes = reading.hashes
                sealed.dockerStack = reading.dockerStack
                sealed.unused = reading.unused
                sealed.dormant = reading.dormant
                try sealed.dormant?.stack.seal(with: key, in: request.snapshot)
                return sealed
            } catch let error as LoadAnswer.Unusable {
                throw GivenUp("its answer can't be used: \(error)", fix: GivenUp.report)
            }
        }
    }

    /// What the bytes of a project's `.gyre.yaml` at `path` say; throws as
    /// ``load(_:key:within:)`` does.
    package func tenantFile(
        _ bytes: [UInt8],
        at path: String,
        of project: String,
        within limits: LoadingLimits
    ) async throws -> TenantFile {
        let request = WorkerRequest.tenantFile(bytes, path: path)
        return try await ask(request, "read \(path)", for: project, within: limits) { bytes in
            do {
                return try TenantFileAnswer(parsing: bytes).result()
            } catch let error as LoadAnswer.Unusable {
                throw GivenUp("its answer can't be used: \(error)", fix: GivenUp.report)
            }
        }
    }

    private func ask<Answer: Sendable>(
        _ request: WorkerRequest,
        _ operation: String,
        for project: String,
        within limits: LoadingLimits,
        reading: @Sendable @escaping ([UInt8]) throws -> Answer
    ) async throws -> Answer {
        try await turns.take(project) {
            try await pool.runStoppable { stop in
                let bytes: [UInt8]
                do {
                    bytes = try answer(to: request, operation, within: limits, stop)
                } catch  where stop.isSet {
                    throw CancellationError()
                } catch let error as TransportError {
                    throw WorkerTrouble(error)
                }
                return try reading(bytes)
            }
        }
    }

    /// A worker that waits for its request.
    func start(
        _ operation: String,
        within limits: LoadingLimits,
        _ stop: StopFlag = StopFlag()
    ) throws(TransportError) -> ChildProcess {
        let time = Duration.seconds(limits.seconds * WorkerLoader.patienceForEach + patience)
        return try ChildProcess(
            program,
            LoaderWorker.arguments(limits),
            environment: [:],
            operation: operation,
            patience: Patience(connect: time, progress: time, total: time, stop: stop)
        )
    }

    private func answer(
        to request: WorkerRequest,
        _ operation: String,
        within limits: LoadingLimits,
        _ stop: StopFlag
    ) throws -> [UInt8] {
        let question = request.encoded
        let worker = try start(operation, within: limits, stop)
        defer { worker.kill() }
        do {
            try question.withUnsafeBytes { try worker.write($0) }
        } catch let error as TransportError where error.code == .closedEarly {
            // How it ended says more.
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try chunk.withUnsafeMutableBytes { try worker.read(into: $0) }
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
            guard bytes.count <= longestAnswer else {
                let most = ByteCount(Int64(longestAnswer))
                throw GivenUp("its answer is longer than \(most)", fix: GivenUp.smaller)
            }
        }
        worker.finish(within: .seconds(60))
        try WorkerTrouble.judge(worker, limits)
        return bytes
    }
}
