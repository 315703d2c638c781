/// Several files in one text, as a fuzzer makes them.
///
/// A line `%% NAME` begins the file of that name; what stands before the first is `compose.yaml`.
package struct LoaderInput: Sendable {
    /// By name.
    package private(set) var files: [String: [UInt8]] = [:]

    /// Takes a text apart; every text is one.
    package init(_ bytes: some Collection<UInt8>) {
        var name = "compose.yaml"
        let mark = Array("%% ".utf8)
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if line.starts(with: mark) {
                let given = String(decoding: line.dropFirst(mark.count).prefix(40), as: UTF8.self)
                name = given.filter {
                    $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
                }
                files[name] = []
            } else {
                if files[name]?.isEmpty == false { files[name]?.append(0x0A) }
                files[name, default: []] += line
            }
        }
    }

    /// The same files with one in another's place.
    package func replacing(_ name: String, with text: String) -> LoaderInput {
        var input = self
        input.files[name] = Array(text.utf8)
        return input
    }
}
