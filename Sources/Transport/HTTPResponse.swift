/// What comes before the body of an answer.
package struct HTTPHead: Hashable, Sendable {
    package var status: Int
    /// In the order in which they came.
    package var headers: [HTTPRequest.Header]

    package init(status: Int, headers: [HTTPRequest.Header] = []) {
        self.status = status
        self.headers = headers
    }

    /// The first header of that name, in whatever case it was written.
    package subscript(name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// A complete answer.
package struct HTTPResponse: Hashable, Sendable {
    package var head: HTTPHead
    package var body: [UInt8]

    package init(head: HTTPHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }

    package var status: Int { head.status }
}
