import Testing

@testable import gyre

/// What people hand to `docker compose`, as `gyre compose` takes it.
@Suite struct ComposeArgumentsTests {
    @Test(arguments: [
        ("-f a config --services=true", "config -f a --services"),
        ("config -q=1 --services=False", "config -q"),
        ("config --services --services=false", "config"),
        ("--all-resources=T config --no-normalize=0", "config --all-resources"),
        ("config --services=yes", "config --services=yes"),
        ("config --hash=true --format=1", "config --hash=true --format=1"),
    ])
    func flags(written: String, read: String) {
        func words(_ text: String) -> [String] {
            ["compose"] + text.split(separator: " ").map(String.init)
        }
        #expect(ComposeCommand.reordered(words(written)) == words(read))
    }

    @Test func othersAreLeft() {
        let words = ["status", "--quiet=true", "config"]
        #expect(ComposeCommand.reordered(words) == words)
    }
}
