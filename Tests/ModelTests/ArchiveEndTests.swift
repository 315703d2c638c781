import Model
import Testing

@Suite struct ArchiveEndTests {
    private func isThere(_ pieces: [[UInt8]]) -> Bool {
        pieces.reduce(into: ArchiveEnd()) { $0.add($1) }.isThere
    }

    private func zeroes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test("An archive ends with two blocks of zeroes, however it comes", arguments: 1...1100)
    func split(at place: Int) {
        let whole = [UInt8](repeating: 7, count: 512) + zeroes(1024)
        #expect(isThere([Array(whole.prefix(place)), Array(whole.dropFirst(place))]))
    }

    @Test("What was cut off has none")
    func cut() {
        let block = [UInt8](repeating: 7, count: 512)
        #expect(!isThere([]))
        #expect(!isThere([block]))
        #expect(!isThere([block, zeroes(512)]))
        #expect(!isThere([block, zeroes(1023)]))
        // Zeroes of a file, in the middle of a block.
        #expect(!isThere([block, zeroes(1025)]))
        #expect(!isThere([zeroes(1024), block]))
        #expect(isThere([block, [], zeroes(512), [], zeroes(512)]))
        #expect(isThere([block, zeroes(9216)]))
    }

    @Test("A number of bytes as people read it")
    func rounded() {
        #expect(ByteCount(1023).rounded == "1023 B")
        #expect(ByteCount(1024).rounded == "1.0 KiB")
        #expect(ByteCount(1_500_000_000).rounded == "1.4 GiB")
        #expect(ByteCount(.max).rounded == "8388608.0 TiB")
    }
}
