internal import Model
internal import Transport

/// git's smart protocol over http and https: one exchange for each request.
///
/// A redirect is followed only where the conversation begins, one at a time, each checked anew;
/// our credentials and certificate go to the origin they are for and to no other.
///
/// Source: gitprotocol-http(5).
final class HTTPWire: Wire {
    private static let redirectLimit = 5
    /// What we send is a list of commits, or a pack of one commit with its trees.
    private static let requestLimit = 64 << 20

    private let link: Link
    private var http: BlockingHTTP
    /// Where the repository is, after redirects.
    private var place: RepositoryURL
    private var request: GitRequest?
    private var body: [UInt8] = []
    private var isSent = false

    init(_ link: Link) throws(GitError) {
        self.link = link
        place = link.url
        http = try HTTPWire.client(link, isHome: true)
    }

    func begin(_ request: GitRequest) throws(GitError) {
        self.request = request
        body = []
        isSent = false
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(GitError) {
        guard body.count + bytes.count <= HTTPWire.requestLimit else {
            throw failure(.tooLarge, "the request is larger than Gyre ever sends")
        }
        body.append(contentsOf: bytes)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(GitError) -> Int {
        if !isSent { try send() }
        do throws(TransportError) {
            return try http.read(into: buffer)
        } catch {
            throw GitError(error, link)
        }
    }

    func end() { http.end() }

    private func send() throws(GitError) {
        guard let request else { return }
        isSent = true
        for _ in 0...HTTPWire.redirectLimit {
            let head = try begin(message(request))
            guard (301...308).contains(head.status), request.isListing else {
                return try check(head, request)
            }
            try follow(head["Location"], request)
        }
        throw failure(.redirectRefused, "more than \(HTTPWire.redirectLimit) redirects")
    }

    private func begin(_ message: HTTPRequest) throws(GitError) -> HTTPHead {
        do throws(TransportError) {
            return try http.begin(message)
        } catch {
            throw GitError(error, link)
        }
    }

    private func message(_ request: GitRequest) throws(GitError) -> HTTPRequest {
        let name = request.service.rawValue
        var headers = [HTTPRequest.Header("User-Agent", "git/2.0 (gyre)")]
        // Git's own servers answer everybody alike; what stands between may not.
        headers.append(.init("Cache-Control", "no-cache"))
        if isHome, let header = try link.authorization() { headers.append(header) }
        let isDirect = link.rules.directHosts.contains(place.host)
        var message: HTTPRequest
        if request.isListing {
            message = HTTPRequest(
                "GET",
                "\(place.text)\(HTTPWire.suffix(request))",
                headers: headers
            )
        } else {
            headers.append(.init("Content-Type", "application/x-\(name)-request"))
            headers.append(.init("Accept", "application/x-\(name)-result"))
            message = HTTPRequest("POST", "\(place.text)/\(name)", headers: headers, body: body)
        }
        message.proxy = isDirect ? nil : link.rules.proxy
        for text in link.rules.refusedAddresses {
            guard let range = AddressRange(text) else {
                throw failure(.addressRefused, "git.refused_addresses: \(text) is no subnet")
            }
            message.refusedAddresses.append(range)
        }
        return message
    }

    private static func suffix(_ request: GitRequest) -> String {
        "/info/refs?service=\(request.service.rawValue)"
    }

    /// Whether we speak with the origin that our credentials are for.
    private var isHome: Bool {
        (place.scheme, place.host) == (link.url.scheme, link.url.host)
            && place.port == link.url.port
    }

    private func follow(_ location: String?, _ request: GitRequest) throws(GitError) {
        let suffix = HTTPWire.suffix(request)
        guard var text = location, text.hasSuffix(suffix) else {
            throw failure(.redirectRefused, "the redirect leads to no repository")
        }
        text.removeLast(suffix.count)
        if text.hasPrefix("/"), !text.hasPrefix("//") {
            let port = place.port.map { ":\($0)" } ?? ""
            text = "\(place.scheme.rawValue)://\(place.host)\(port)\(text)"
        }
        let next = try? RepositoryURL(parsing: text)
        guard let next, next.scheme == .https || (next.scheme, place.scheme) == (.http, .http),
            link.rules.schemes.contains(next.scheme)
        else { throw failure(.redirectRefused, "the redirect leads to no https URL") }
        guard next.host == link.url.host || link.rules.redirectHosts.contains(next.host) else {
            throw failure(
                .redirectRefused,
                "the redirect leads to \(next.host); if that is right, use that URL or add the "
                    + "host to git.hosts in gyre.yaml"
            )
        }
        let wasHome = isHome
        place = next
        if isHome != wasHome { http = try HTTPWire.client(link, isHome: isHome) }
    }

    /// Makes an answer that is none of git's an error that says whose turn it is.
    private func check(_ head: HTTPHead, _ request: GitRequest) throws(GitError) {
        let isLocked = link.access.credentials != nil
        switch head.status {
        case 200: break
        case 401:
            throw failure(
                .unauthorized,
                isLocked
                    ? "the server doesn't accept the credentials"
                    : "the server asks for credentials; name them under \"credentials\""
            )
        case 403: throw failure(.forbidden, "the server knows us and refuses")
        case 404, 410:
            throw failure(
                .notFound,
                "the server has no such repository" + (isLocked ? "" : ", or hides it from us")
            )
        case 407: throw failure(.unauthorized, "the proxy asks for credentials")
        case 300...399:
            throw failure(.redirectRefused, "it redirects in the middle of the conversation")
        case 400 where place.scheme == .https && link.access.certificate == nil:
            throw failure(
                .protocolError,
                "the server answered 400, as some do that want a \"client_certificate\""
            )
        case 429, 500...599: throw failure(.unavailable, "the server answered \(head.status)")
        default: throw failure(.protocolError, "the server answered \(head.status)")
        }
        let kind = request.isListing ? "advertisement" : "result"
        let wanted = "application/x-\(request.service.rawValue)-\(kind)"
        let type = (head["Content-Type"] ?? "").prefix { $0 != ";" && $0 != " " }
        guard type.lowercased() == wanted else {
            throw failure(.protocolError, "the answer is none of a git server over HTTP")
        }
    }

    private func failure(_ code: GitError.Code, _ message: String) -> GitError {
        GitError(code, operation: "speak with \(place)", message: message)
    }

    private static func client(_ link: Link, isHome: Bool) throws(GitError) -> BlockingHTTP {
        let certificate = isHome ? link.access.certificate : nil
        if let certificate { try link.checkKey(certificate.key) }
        let trust = TrustPolicy(
            authorities: link.access.authorities ?? link.rules.authorities,
            identity: certificate.map { .init(certificate: $0.file, key: $0.key) }
        )
        do throws(TransportError) {
            return try BlockingHTTP(trust: trust, patience: link.patience)
        } catch {
            throw GitError(error, link)
        }
    }
}
