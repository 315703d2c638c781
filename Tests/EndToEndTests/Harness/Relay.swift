import Foundation
import Glibc

/// The way to engines' sockets through another process, which can be cut: then nobody answers.
actor Relay {
    /// By the engines' order.
    nonisolated let addresses: [String]
    private let process: pid_t

    init(to engines: [Testbed], in folder: String) async throws {
        let ends = engines.indices.map { "\(folder)/relay\($0).sock" }
        addresses = ends.map { "unix://\($0)" }
        let pairs = zip(ends, engines).map { end, engine in
            "('\(end)', '\(engine.engine.address.replacing("unix://", with: ""))')"
        }
        let code = """
            import socket, threading
            def pipe(a, b):
                try:
                    while data := a.recv(65536): b.sendall(data)
                except OSError: pass
                for s in (a, b):
                    try: s.shutdown(socket.SHUT_RDWR)
                    except OSError: pass
            def serve(end, engine):
                s = socket.socket(socket.AF_UNIX); s.bind(end); s.listen(64)
                while True:
                    a, _ = s.accept(); b = socket.socket(socket.AF_UNIX)
                    try: b.connect(engine)
                    except OSError: a.close(); continue
                    threading.Thread(target=pipe, args=(a, b), daemon=True).start()
                    threading.Thread(target=pipe, args=(b, a), daemon=True).start()
            for pair in [\(pairs.joined(separator: ", "))]:
                threading.Thread(target=serve, args=pair).start()
            """
        process = try Program.start(["python3", "-c", code], log: "\(folder)/relay.log")
        try await eventually("the relay listens", tail: { Files.text(of: "\(folder)/relay.log") }) {
            ends.allSatisfy { access($0, F_OK) == 0 }
        }
    }

    /// Nothing gets through any more, and nobody is told.
    func cut() { kill(process, SIGSTOP) }
    func mend() { kill(process, SIGCONT) }

    func end() async {
        kill(process, SIGKILL)
        _ = try? await Program.end(of: process)
    }
}
