import DockerEngine
import Testing

/// How far a pull is, from what the engine reports.
@Suite struct PullTallyTests {
    private func percents(_ lines: [PullProgress]) -> [Int?] {
        var tally = PullTally()
        return lines.map { line in
            tally.add(line)
            return tally.percent
        }
    }

    private func line(
        _ layer: String,
        _ status: String,
        _ current: Int64? = nil,
        of total: Int64? = nil
    ) -> PullProgress {
        PullProgress(status: status, layer: layer, current: current, total: total)
    }

    @Test func layersAddUp() {
        let percents = percents([
            PullProgress(status: "Pulling from library/httpd", layer: "2.4"),
            line("a", "Pulling fs layer"), line("b", "Already exists"),
            line("a", "Downloading", 50, of: 100), line("a", "Download complete"),
            line("a", "Extracting", 50, of: 100), line("a", "Pull complete"),
            PullProgress(status: "Digest: sha256:1"),
        ])
        #expect(percents == [nil, 0, 50, 70, 90, 95, 100, 100])
    }

    @Test func itNeverGoesBack() {
        let percents = percents([
            line("a", "Downloading", 80, of: 100), line("b", "Pulling fs layer"),
            line("a", "Downloading", 10, of: 100), line("b", "Downloading", 200, of: 100),
            line("c", "Downloading", 5, of: 0),
        ])
        #expect(percents == [64, 64, 64, 72, 72])
    }
}
