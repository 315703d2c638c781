import Admission
import Model
import Testing

/// What controllers keep for themselves in a Swarm passes a gate of its own.
@Suite struct RecordGateTests {
    private static let id = "abcdefghijklmnopqrstuvwxy"
    private let gate = RecordGate(controller: "spin")
    private let labels = [Labels.record: "spin"]

    private func record(_ name: String, whose: String = "spin") -> SwarmRecord {
        SwarmRecord(
            id: Self.id,
            version: 7,
            name: name,
            labels: [Labels.record: whose],
            data: [10]
        )
    }

    private func refusal(_ request: EngineRequest, on record: SwarmRecord? = nil) -> GateCheck? {
        do {
            _ = try gate.check(request, on: record)
            return nil
        } catch {
            return error.check
        }
    }

    @Test func letsRecordsPass() throws {
        for name in ["spin.lease", "spin.key", "spin.journal.17", "spin.state.17.0"] {
            let request = EngineRequest(creating: name, labels, base64: "Cg==")
            #expect(try gate.check(request).request == request)
        }
        let lease = record("spin.lease")
        var beat = labels
        beat[Labels.Record.holder] = "a"
        beat[Labels.Record.host] = "alpha, process 7"
        #expect(refusal(EngineRequest(updating: lease, beat, base64: "Cg=="), on: lease) == nil)
        for name in ["spin.journal.17", "spin.state.17.0"] {
            #expect(refusal(EngineRequest(removing: record(name)), on: record(name)) == nil)
        }
    }

    @Test(arguments: [
        "lease", "spin", "spin.", "spin.lease.1", "other.lease", "spin.journal", "spin.journal.x",
        "spin.journal.-1", "spin.journal.01", "spin.journal.1.2", "spin.state.1", "spin_web",
        "spin.Lease", "spin.key ",
    ])
    func stopsOtherNames(name: String) {
        #expect(refusal(EngineRequest(creating: name, labels, base64: "Cg==")) == .name)
    }

    @Test func stopsWhatIsNoRecord() {
        func creating(_ labels: [String: String], _ data: String = "Cg==") -> GateCheck? {
            refusal(EngineRequest(creating: "spin.key", labels, base64: data))
        }
        #expect(creating([:]) == .label)
        #expect(creating([Labels.record: "other"]) == .label)
        #expect(creating([Labels.record: "spin", Labels.controller: "spin"]) == .label)
        #expect(creating([Labels.record: "spin", Labels.Record.host: "a\nb"]) == .label)
        #expect(creating(labels, "") == .content)
        #expect(creating(labels, "Cg") == .content)
        let large = String(repeating: "AAAA", count: SwarmRecord.maximumBytes / 3 + 1)
        #expect(creating(labels, large) == .content)
        var request = EngineRequest(creating: "spin.key", labels, base64: "Cg==")
        request.action = .createConfig
        #expect(refusal(request) == .call)
        request.action = .createRecord
        request.path = "/secrets/create"
        #expect(refusal(request) == .call)
    }

    @Test func stopsWhatIsNotThisControllers() {
        let lease = record("spin.lease")
        let update = EngineRequest(updating: lease, labels, base64: "Cg==")
        #expect(refusal(update) == .ownership)
        #expect(refusal(update, on: record("spin.lease", whose: "other")) == .ownership)
        #expect(refusal(update, on: record("astro_web_12")) == .ownership)
        var unversioned = update
        unversioned.query = []
        #expect(refusal(unversioned, on: lease) == .call)
        let journal = record("spin.journal.1")
        #expect(
            refusal(EngineRequest(updating: journal, labels, base64: "Cg=="), on: journal)
                == .ownership
        )
        for name in ["spin.lease", "spin.key", "astro_web_12"] {
            #expect(refusal(EngineRequest(removing: record(name)), on: record(name)) == .ownership)
        }
        #expect(refusal(EngineRequest(removing: journal)) == .ownership)
    }

    @Test func noStackWritesRecords() {
        let request = EngineRequest(creating: "spin.key", labels, base64: "Cg==")
        let stack = Gate(Astro.tenant, controller: "spin", stack: Astro.id, swarm: SwarmRules())
        #expect(throws: GateRefusal.self) { try stack.check(request) }
    }
}
