/// One request, with the deadlines and bounds that it is never made without.
package struct HTTPRequest: Hashable, Sendable {
    /// Such as `GET`.
    package var method: String
    /// `http://` or `https://`, host, path and query, all percent-encoded.
    package var url: String
    /// The unix socket to speak over; the host of `url` then only fills the `Host` header.
    package var socketPath: String?
    /// Name and value, in order.
    package var headers: [Header]
    /// nil when the request has none.
    package var body: [UInt8]?
    /// How long until the connection stands.
    package var connectTimeout: Duration
    /// How long until the head of the answer is there; nil is without limit of its own.
    package var headTimeout: Duration?
    /// How long until the answer is complete; nil is without limit, for streams.
    package var totalTimeout: Duration?
    /// How long nothing at all may move once connected, rounded up to seconds; nil is for ever.
    package var stallTimeout: Duration?
    /// The largest body that ``HTTPClient/send(_:)`` accepts.
    package var maxResponseBytes: Int
    /// URL of the proxy that the request goes through; nil for none.
    package var proxy: String?
    /// Where no server may be, whatever its name leads to; a proxy is not asked for its address.
    package var refusedAddresses: [AddressRange] = []

    package init(
        _ method: String,
        _ url: String,
        socketPath: String? = nil,
        headers: [Header] = [],
        body: [UInt8]? = nil,
        connectTimeout: Duration = .seconds(10),
        headTimeout: Duration? = nil,
        totalTimeout: Duration? = .seconds(30),
        stallTimeout: Duration? = nil,
        maxResponseBytes: Int = 16 << 20,
        proxy: String? = nil
    ) {
        self.method = method
        self.url = url
        self.socketPath = socketPath
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.headTimeout = headTimeout
        self.totalTimeout = totalTimeout
        self.stallTimeout = stallTimeout
        self.maxResponseBytes = maxResponseBytes
        self.proxy = proxy
    }

    /// A header's name and value.
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What errors call the request: the method, the path without its query (which may hold
    /// secrets), and the socket or host.
    package var operation: String {
        var rest = url[...]
        if let scheme = rest.firstRange(of: "://") { rest = rest[scheme.upperBound...] }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        // A user name and password before the host are nobody's business.
        let host = rest[..<slash].split(separator: "@").last ?? ""
        let path = rest[slash...].prefix { $0 != "?" && $0 != "#" }
        return "\(method) \(path) on \(socketPath ?? String(host))"
    }
}
