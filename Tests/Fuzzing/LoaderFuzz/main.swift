import Glibc
import LoaderProperties

/// libFuzzer's own loop, which calls `callback` with each input.
@_silgen_name("LLVMFuzzerRunDriver")
func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(
    runFuzzer(&count, &arguments) { bytes, size in
        let input = LoaderInput(UnsafeBufferPointer(start: bytes, count: size))
        if let problem = LoaderProperties.violation(of: input) {
            let text = "\(problem)\n"
            _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
            abort()
        }
        return 0
    }
)
