internal import Glibc

/// A thread of the operating system, for work that blocks or that C ties to one thread.
enum OSThread {
    /// Starts `body` on a new detached thread; false when the system has none to give.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body: body))
        let result = withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) {
            // The one element that was just allocated.
            guard let attributes = $0.baseAddress, pthread_attr_init(attributes) == 0 else {
                return ENOMEM
            }
            defer { pthread_attr_destroy(attributes) }
            pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
            pthread_attr_setstacksize(attributes, stackSize)
            var thread = pthread_t()
            return pthread_create(&thread, attributes, run, start.toOpaque())
        }
        if result != 0 { start.release() }
        return result == 0
    }

    /// As large as a main thread's: C libraries recurse, and only what is touched costs memory.
    private static let stackSize = 8 << 20

    private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? =
        { argument in
            guard let argument else { return nil }
            Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }

    /// What a new thread is handed.
    private final class Start: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
