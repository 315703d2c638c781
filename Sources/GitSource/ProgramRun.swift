internal import Transport

/// A program that was handed some bytes, and has run to its end.
struct ProgramRun {
    /// What is asked of programs here is answered in milliseconds.
    private static let span = Duration.seconds(30)
    private static let outputLimit = 64 << 10

    /// nil where a signal ended it.
    let status: Int32?
    /// Of its standard output.
    let lines: [String]

    init(
        _ program: String,
        _ arguments: [String],
        input: [UInt8],
        _ operation: String,
        _ stop: StopFlag
    ) throws(GitError) {
        do throws(TransportError) {
            let child = try ChildProcess(
                program,
                arguments,
                environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C"],
                operation: operation,
                patience: Patience(total: ProgramRun.span, stop: stop)
            )
            lines = try ProgramRun.converse(with: child, input)
            status = child.finish()
        } catch {
            throw GitError(.failed, operation: operation, message: error.message)
        }
    }

    private static func converse(
        with child: ChildProcess,
        _ input: [UInt8]
    ) throws(TransportError) -> [String] {
        do throws(TransportError) {
            try input.withUnsafeBufferPointer { bytes throws(TransportError) in
                try child.write(UnsafeRawBufferPointer(bytes))
            }
        } catch let error where error.code == .closedEarly {
            // It has seen enough; what it says counts.
        }
        child.endInput()
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while output.count < outputLimit {
            let count = try buffer.withUnsafeMutableBufferPointer { bytes throws(TransportError) in
                try child.read(into: UnsafeMutableRawBufferPointer(bytes))
            }
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        return String(decoding: output, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map(String.init)
    }
}
