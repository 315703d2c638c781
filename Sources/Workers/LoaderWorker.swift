internal import Admission
internal import ComposeFile
internal import FoundationEssentials
internal import Glibc
internal import Model
internal import OperatorFile

/// The process that loads one commit: confines itself, reads a request, answers, and ends.
package enum LoaderWorker {
    /// The word after the program's name that makes it a worker.
    package static let command = "worker"

    /// How a worker ends that has no answer.
    enum Exit {
        static let wrongRequest: Int32 = 65
        static let unconfined: Int32 = 70
        static let noMemory: Int32 = 71
    }

    /// The arguments of a worker with these limits.
    static func arguments(_ limits: LoadingLimits) -> [String] {
        [command, String(limits.memory.bytes), String(limits.seconds)]
    }

    /// Does a worker's work; `arguments` are those after the program's name.
    package static func run(_ arguments: [String]) -> Never {
        guard let limits = limits(of: arguments) else {
            leave(Exit.wrongRequest, "gyre worker is for gyre itself, which says how")
        }
        do {
            try Confinement.enter(limits)
        } catch {
            leave(Exit.unconfined, "\(error)")
        }
        guard let bytes = readRequest(), let request = try? WorkerRequest(decoding: bytes) else {
            leave(Exit.wrongRequest, "no request came")
        }
        switch request {
        case .stack(let request):
            let result = read(request)
            tell(LoadAnswer(result), refusal(of: result))
        case .tenantFile(let bytes, let path):
            let result = Result { () throws(Rejection) in
                try TenantFile(parsing: bytes, file: path)
            }
            tell(TenantFileAnswer(result), refusal(of: result))
        }
    }

    private static func refusal<Value>(of result: Result<Value, Rejection>) -> Rejection? {
        if case .failure(let rejection) = result { rejection } else { nil }
    }

    private static func tell(_ answer: some Encodable, _ refusal: Rejection?) -> Never {
        if let refusal, refusal.diagnostics.contains(where: { $0.code == "yaml-no-memory" }) {
            leave(Exit.noMemory, "no memory is left to parse the files")
        }
        guard let answer = try? JSONEncoder().encode(answer), write(Array(answer)) else {
            leave(Exit.wrongRequest, "the answer can't be told")
        }
        _exit(0)
    }

    /// Loads what is asked for, and judges it: whatever traps in the rules, or comes to no end
    /// there, does so before there is an answer.
    static func read(
        _ request: LoadRequest,
        judging judge: (StackReading, TenantPolicy) -> Void = judge
    ) -> Result<StackReading, Rejection> {
        let result = Result { () throws(Rejection) in
            try StackReading(answering: request)
        }
        if let tenant = request.trial, case .success(let reading) = result {
            judge(reading, tenant)
        }
        return result
    }

    private static func judge(_ reading: StackReading, by tenant: TenantPolicy) {
        _ = try? Policy(tenant).admit(reading)
    }

    private static func limits(of arguments: [String]) -> LoadingLimits? {
        guard arguments.count == 3, let memory = Int64(arguments[1]),
            let seconds = Int64(arguments[2]), (1...1_000_000_000).contains(seconds)
        else { return nil }
        var limits = LoadingLimits()
        limits.memory = ByteCount(memory)
        limits.time = .seconds(seconds)
        return limits
    }

    /// The request without its length; nil where the input ends before it does.
    private static func readRequest() -> [UInt8]? {
        guard let head = read(count: 8) else { return nil }
        let count = head.reduce(0) { $0 << 8 | UInt64($1) }
        return Int(exactly: count).flatMap(read)
    }

    private static func read(count: Int) -> [UInt8]? {
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(buffer)[filled...]
                let more = Glibc.read(
                    STDIN_FILENO,
                    UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress,
                    rest.count
                )
                if more < 0, errno == EINTR { continue }
                if more <= 0 { break }
                filled += more
            }
            size = filled
        }
        return filled == count ? bytes : nil
    }

    private static func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    private static func leave(_ code: Int32, _ reason: String) -> Never {
        let line = Array("\(reason)\n".utf8)
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        _exit(code)
    }
}
