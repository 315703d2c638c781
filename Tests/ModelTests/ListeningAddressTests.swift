import Model
import Testing

@Suite struct ListeningAddressTests {
    @Test(
        "What keeps another from listening, by address and port",
        arguments: [
            (nil, nil, true), (nil, "10.0.0.1", true), (nil, "::1", true), ("", "0.0.0.0", true),
            ("0.0.0.0", "10.0.0.1", true), ("0.0.0.0", "0.0.0.0", true),
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false),
            ("0.0.0.0", "::", false), ("0.0.0.0", "::1", false), ("::", "::1", true),
            ("::1", "0:0:0:0:0:0:0:1", true), ("[::1]", "::1", true),
            ("fe80::1%eth0", "fe80::1", true),
            ("::1", "::2", false), ("::", "10.0.0.1", false),
            ("::ffff:10.0.0.1", "10.0.0.1", true), ("::ffff:a00:1", "10.0.0.1", true),
            ("2001:db8::1", "2001:0DB8:0::0:1", true), ("1:2:3:4:5:6:7:8", "::8", false),
            // What can't be read may be anything.
            ("localhost", "10.0.0.1", true), ("10.0.0", "::1", true), ("1::2::3", "9.9.9.9", true),
        ] as [(String?, String?, Bool)]
    )
    func overlap(a: String?, b: String?, isOne: Bool) {
        let (first, second) = (BoundPort(a, 80), BoundPort(b, 80))
        #expect(first.overlaps(second) == isOne && second.overlaps(first) == isOne)
        #expect(!first.overlaps(BoundPort(b, 80, "udp")))
        #expect(!first.overlaps(BoundPort(b, 81)))
    }
}
