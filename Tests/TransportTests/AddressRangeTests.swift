import Testing
import Transport

/// Which addresses are in a range.
@Suite struct AddressRangeTests {
    @Test(
        arguments: [
            ("169.254.0.0/16", "169.254.169.254", true), ("169.254.0.0/16", "169.255.0.1", false),
            ("10.0.0.0/9", "10.127.255.255", true), ("10.0.0.0/9", "10.128.0.0", false),
            ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("169.254.0.0/16", "::ffff:169.254.1.2", true), ("fe80::/10", "febf::1", true),
            ("fe80::/10", "fec0::1", false), ("::1/128", "::1", true), ("::1/128", "::2", false),
            ("::/0", "127.0.0.1", false), ("127.0.0.1/32", "localhost", false),
        ]
    )
    func holds(range: String, address: String, isIn: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isIn)
    }

    @Test(arguments: ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "a/8", "::/129", "1.2.3/8"])
    func isNone(text: String) { #expect(AddressRange(text) == nil) }
}
