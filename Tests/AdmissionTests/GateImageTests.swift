import Admission
import Model
import Testing

/// An image is removed only when the journal says that Gyre brought it and that it is of no use.
@Suite struct GateImageTests {
    private static let hex = String(repeating: "a", count: 64)
    private static let digest = "httpd@sha256:\(hex)"
    private let image = NodeImage(id: "sha256:\(hex)", names: ["httpd:2.4", digest])
    private let since = Instant(milliseconds: 5)

    private func check(_ image: NodeImage, _ known: BroughtImage?) -> GateCheck? {
        do {
            let brought = known.map { [image.id: $0] } ?? [:]
            let request = try Gate.removal(of: image, among: brought).request
            #expect(request.path == "/images/\(Self.hex)" && request.method == "DELETE")
            #expect(request.query == [.init("noprune", "true")])
            return nil
        } catch {
            return error.check
        }
    }

    @Test func `only what was brought, is unused and has no further name`() {
        let known = BroughtImage(names: ["httpd:2.4"], unusedSince: since)
        #expect(check(image, known) == nil)
        #expect(check(image, nil) == .ownership)
        #expect(check(image, BroughtImage(names: ["httpd:2.4"])) == .ownership)
        var named = image
        named.names.insert("mine:1")
        #expect(check(named, known) == .ownership)
    }

    @Test(arguments: ["sha256:abc", "httpd", "sha256:../containers/\(hex)", ""])
    func `nothing but a whole id is an id`(id: String) {
        let known = BroughtImage(names: ["httpd:2.4"], unusedSince: since)
        #expect(check(NodeImage(id: id, names: []), known) == .call)
    }

    @Test func `a stack can't ask for it`() {
        let request = GateFixture.of(
            .removeImage,
            "DELETE",
            "/images/\(Self.hex)",
            target: "sha256:\(Self.hex)"
        )
        #expect(GateFixture.refusal(of: request) == .ownership)
    }
}
