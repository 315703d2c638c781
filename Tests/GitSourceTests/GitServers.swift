import Foundation
import GitSource
import Glibc
import Model
import Testing
import Transport

/// Real servers on loopback ports, started for one test and ended with it.
///
/// Apache with git's own HTTP backend, and OpenSSH's sshd. The machine's own are left alone.
final class GitServers: Sendable {
    static let apache = "/usr/sbin/apache2"
    static let sshd = "/usr/sbin/sshd"

    /// Whether the programs are on this machine.
    static var hasApache: Bool { FileManager.default.isExecutableFile(atPath: apache) }
    static var hasSSHD: Bool { FileManager.default.isExecutableFile(atPath: sshd) }

    let root: String
    private let processes = Processes()

    init(_ fixture: Fixture) throws {
        root = fixture.root + "/servers"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        // Both servers run what they serve as whoever runs the test, and look at the folder.
        chmod(fixture.root, 0o755)
        chmod(root, 0o755)
    }

    deinit { processes.end() }

    /// A file of ours.
    func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
        let path = "\(root)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        chmod(path, mode)
        return path
    }

    /// A port nobody listens on now.
    static func freePort() throws -> Int {
        let listener = try Listener()
        defer { listener.close() }
        return listener.port
    }

    /// Starts a program in the foreground and waits until it listens.
    func serve(_ arguments: [String], port: Int) throws {
        // Foundation's Process takes a daemon that closes foreign files for one that has ended.
        let process = try ChildProcess(
            arguments[0],
            Array(arguments.dropFirst()),
            environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": root],
            operation: "serve",
            patience: Patience(total: .seconds(600))
        )
        processes.add(process)
        for _ in 0..<400 {
            if Listener.answers(port) { return }
            usleep(25_000)
        }
        process.kill()
        throw CommandFailed(text: "\(arguments[0]) does not listen: \(process.errorText)")
    }

    /// Processes that end with the servers.
    private final class Processes: @unchecked Sendable {
        // Behind the lock.
        private var list: [ChildProcess] = []
        private let lock = NSLock()

        func add(_ process: ChildProcess) { lock.withLock { list.append(process) } }

        func end() {
            for process in lock.withLock({ list }) { process.kill() }
        }
    }
}

/// A TCP socket that listens on the loopback interface.
struct Listener {
    let socket: Int32
    let port: Int

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var address = Listener.loopback(0)
        let descriptor = socket
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isListening else { throw CommandFailed(text: "no port") }
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    func close() { Glibc.close(socket) }

    static func answers(_ port: Int) -> Bool {
        let probe = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(probe) }
        return connects(probe, to: port)
    }

    static func connects(_ socket: Int32, to port: Int) -> Bool {
        var address = loopback(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

extension GitServers {
    /// What an Apache is to be like.
    struct HTTPOptions {
        var tls = "-all +TLSv1.2 +TLSv1.3"
        var isEncrypted = true
        /// Extra lines, such as a redirect.
        var lines = ""
        var asksForPassword = false
        var asksForCertificate = false
    }

    /// Certificates: an authority, a server certificate for 127.0.0.1 alone, one for a client.
    func makeCertificates() throws {
        guard !FileManager.default.fileExists(atPath: root + "/ca.crt") else { return }
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try run(
            ["openssl", "req", "-x509", "-subj", "/CN=Test CA", "-days", "2"] + key
                + ["-keyout", root + "/ca.key", "-out", root + "/ca.crt"]
        )
        for (name, usage) in [("server", "serverAuth"), ("client", "clientAuth")] {
            try run(
                ["openssl", "req", "-new", "-subj", "/CN=\(name)"] + key
                    + ["-keyout", "\(root)/\(name).key", "-out", "\(root)/\(name).csr"]
            )
            let file = try write(
                "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=\(usage)\n",
                to: name + ".ext"
            )
            try run([
                "openssl", "x509", "-req", "-in", "\(root)/\(name).csr", "-CA", root + "/ca.crt",
                "-CAkey", root + "/ca.key", "-days", "2", "-extfile", file, "-set_serial",
                "\(Int.random(in: 1...1_000_000))", "-out", "\(root)/\(name).crt",
            ])
        }
    }

    /// Starts Apache over the folder `projects`, and returns its origin.
    ///
    /// Everybody may push; with a password those who know it: Ada, with `s3cret`.
    func startHTTP(_ projects: String, _ options: HTTPOptions = HTTPOptions()) throws -> String {
        let port = try GitServers.freePort()
        // Where root runs the tests, Apache becomes somebody who may do nothing by itself.
        try run(["chmod", "-R", "a+rwX", projects])
        if options.isEncrypted { try makeCertificates() }
        let password = try write("ada:{SHA}\(sha1Base64("s3cret"))\n", to: "passwords")
        let modules = [
            "mpm_prefork", "cgi", "env", "alias", "authz_core", "authn_core", "authn_file",
            "auth_basic", "authz_user", "ssl", "rewrite", "headers",
        ]
        let tls = """
            SSLEngine on
            SSLProtocol \(options.tls)
            SSLCertificateFile \(root)/server.crt
            SSLCertificateKeyFile \(root)/server.key
            \(options.asksForCertificate
                ? "SSLCACertificateFile \(root)/ca.crt\nSSLVerifyClient require" : "")
            """
        let user = """
            AuthType Basic
            AuthName git
            AuthUserFile \(password)
            Require valid-user
            """
        let configuration = try write(
            """
            \(modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
                .joined(separator: "\n"))
            ServerName 127.0.0.1
            Listen 127.0.0.1:\(port)
            PidFile \(root)/apache-\(port).pid
            ErrorLog \(root)/errors-\(port)
            User www-data
            Group www-data
            \(options.isEncrypted ? tls : "")
            \(options.lines.replacingOccurrences(of: "PORT", with: "\(port)"))
            SetEnv GIT_PROJECT_ROOT \(projects)
            SetEnv GIT_HTTP_EXPORT_ALL 1
            SetEnv REMOTE_USER ada
            SetEnv GIT_CONFIG_COUNT 1
            SetEnv GIT_CONFIG_KEY_0 safe.directory
            SetEnv GIT_CONFIG_VALUE_0 *
            ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
            <Location />
            \(options.asksForPassword ? user : "Require all granted")
            </Location>
            """,
            to: "apache-\(port).conf"
        )
        try serve(
            [GitServers.apache, "-X", "-f", configuration],
            port: port
        )
        return "\(options.isEncrypted ? "https" : "http")://127.0.0.1:\(port)"
    }

    private func sha1Base64(_ text: String) throws -> String {
        let file = try write(text, to: "plain")
        return try run(["sh", "-c", "openssl dgst -sha1 -binary '\(file)' | base64"])
    }
}

extension GitServers {
    /// Makes a key pair and returns the path of the private one.
    func makeKey(_ name: String, _ type: String) throws -> String {
        try run(["ssh-keygen", "-q", "-t", type, "-N", "", "-C", name, "-f", "\(root)/\(name)"])
        return "\(root)/\(name)"
    }

    /// Starts sshd with these host keys, for those who hold `keys`, and returns its port.
    func startSSH(hostKeys: [String], keys: [String]) throws -> Int {
        let port = try GitServers.freePort()
        let lines = try keys.map { try String(contentsOfFile: $0 + ".pub", encoding: .utf8) }
        let authorized = try write(lines.joined(), to: "authorized-\(port)", mode: 0o600)
        try FileManager.default.createDirectory(
            atPath: "/run/sshd",
            withIntermediateDirectories: true
        )
        let configuration = try write(
            """
            Port \(port)
            ListenAddress 127.0.0.1
            \(hostKeys.map { "HostKey \($0)" }.joined(separator: "\n"))
            AuthorizedKeysFile \(authorized)
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin yes
            PrintMotd no
            """,
            to: "sshd-\(port).conf"
        )
        try serve(
            [GitServers.sshd, "-D", "-E", "\(root)/sshd-\(port).log", "-f", configuration],
            port: port
        )
        return port
    }

    /// Writes a file of the host keys that are known.
    func known(_ hostKeys: [String], port: Int) throws -> String {
        let lines = try hostKeys.map { key in
            let text = try String(contentsOfFile: key + ".pub", encoding: .utf8)
            let words = text.split(separator: " ")
            return "[127.0.0.1]:\(port) \(words[0]) \(words[1])\n"
        }
        return try write(lines.joined(), to: "known-\(port)-\(lines.count)")
    }
}
