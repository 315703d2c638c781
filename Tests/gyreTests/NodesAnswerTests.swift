import Model
import Reconciliation
import TestSupport
import Testing

@testable import gyre

/// What `gyre nodes` prints, and `gyre status` of several nodes, compared with what was reviewed.
@Suite struct NodesAnswerTests {
    private let samples: Samples

    init() throws { samples = try Samples() }

    @Test func nodesAreAsReviewed() throws {
        var alpha = NodeStatus(name: "alpha", engine: "unix:///run/docker.sock")
        alpha.version = "26.1.5"
        alpha.api = "1.45"
        alpha.host = "node1"
        alpha.labels = ["tier": "web", "disk": "ssd"]
        alpha.memory = 8 << 30
        alpha.nanoCPUs = 4_000_000_000
        alpha.reserved.memory = 3 << 29
        alpha.reserved.nanoCPUs = 500_000_000
        alpha.clockOff = .seconds(-3601)
        alpha.stacks = [samples.web, samples.old]
        var beta = NodeStatus(name: "beta", engine: "tcp://node2:2376")
        beta.problem = "connection refused"
        beta.isLost = true
        beta.fencedBy = "ann"
        var gamma = NodeStatus(name: "gamma", engine: "ssh://gyre@node3")
        gamma.drainedBy = "ann"
        let answer = NodesAnswer(nodes: [alpha, beta, gamma])
        expectSnapshot(answer.text(.plain), named: "nodes")
    }

    @Test func aStacksNodeIsShownWhereThereAreSeveral() {
        var placed = samples.ready
        placed.node = "alpha"
        let status = samples.status(placed)
        let text = StatusAnswer(status: status).text(.plain)
        #expect(text.contains("NODE") && text.contains("alpha"), "\(text)")
        let detailed = StatusAnswer(status: status, isDetailed: true).text(.plain)
        #expect(detailed.contains("node alpha"), "\(detailed)")
        #expect(!StatusAnswer(status: samples.status(samples.ready)).text(.plain).contains("NODE"))
    }

    @Test func aClockThatIsOffIsToldInTheStatus() {
        var status = samples.status(samples.ready)
        #expect(!StatusAnswer(status: status).text(.plain).contains("clock"))
        status.clocks = ["main": .seconds(7)]
        let text = StatusAnswer(status: status).text(.plain)
        #expect(text.contains("its clock is 7.0 s ahead of the controller's"), "\(text)")
    }

    @Test func aSilentNodeIsToldOnceAndHidesNothingElse() {
        var silent = samples.ready
        silent.node = "beta"
        silent.problems = [Problem(.engine, "connection refused", remedy: "wait")]
        var lost = samples.ready
        lost.stack = samples.old
        lost.problems = [Problem(.engine, "it is on the node gamma", remedy: "write it")]
        var status = samples.status(silent, lost)
        status.engineProblem = "node beta: connection refused"
        let text = StatusAnswer(status: status).text(.plain)
        #expect(text.split(separator: "connection refused").count == 2, "\(text)")
        #expect(text.contains("it is on the node gamma"))
        #expect(text.contains("its stacks are left as they are meanwhile"))
    }
}
