internal import Admission
internal import DockerEngine
internal import FoundationEssentials
internal import Model
internal import OperatorFile
internal import Reconciliation

/// The records of a Swarm, through whichever of its managers answers.
///
/// With clients of its own, so that a lease is renewed whatever else is being asked. A write is
/// sent once; after one without an answer another manager is asked first. What is missing in
/// another Swarm says nothing: with its lease there a second controller would lead.
struct SwarmRecords: RecordKeeping {
    let controller: String
    /// The Swarm that they are in.
    let swarm: KnownSwarm
    private let managers: ManagerList<DockerEngine>
    private let gate: RecordGate

    /// A leader has to find another manager, and write again, before its time is up.
    private static let quick = Duration.milliseconds(1500)
    /// No longer than the next leader waits.
    private static let patient = Duration.seconds(4)
    /// To read all that there is, which changes nothing and so has time.
    private static let long = Duration.seconds(60)

    /// nil where there is no Swarm.
    init?(_ settings: Settings, in known: KnownSwarm) throws {
        guard let swarm = settings.swarm else { return nil }
        controller = settings.controller
        self.swarm = known
        gate = RecordGate(controller: settings.controller)
        let deadlines = EngineDeadlines(call: SwarmRecords.quick, connect: SwarmRecords.quick)
        managers = ManagerList(
            try swarm.managers.sorted { $0.key < $1.key }.map { name, manager in
                (name, try DockerEngine(manager.engine, manager.access, deadlines: deadlines))
            },
            of: known
        ) { try await $0.swarmID() }
    }

    func records() async throws -> [SwarmRecord] {
        try await managers.ask { try await $0.records(of: controller, within: SwarmRecords.long) }
    }

    func record(_ name: RecordName) async throws -> SwarmRecord? {
        let text = name.text(of: controller)
        let deadline = SwarmRecords.deadline(of: name)
        return try await managers.ask { engine in
            try await engine.records(of: controller, named: text, within: deadline)
        }.first { $0.name == text }
    }

    func create(
        _ name: RecordName,
        _ labels: [String: String],
        _ data: [UInt8]
    ) async throws -> Bool {
        let request = EngineRequest(
            creating: name.text(of: controller),
            own(labels),
            base64: Data(data).base64EncodedString()
        )
        return try await write(try gate.check(request), SwarmRecords.deadline(of: name))
    }

    func relabel(_ record: SwarmRecord, _ labels: [String: String]) async throws -> Bool {
        let request = EngineRequest(
            updating: record,
            own(labels),
            base64: Data(record.data).base64EncodedString()
        )
        return try await write(try gate.check(request, on: record), SwarmRecords.quick)
    }

    func remove(_ record: SwarmRecord) async throws {
        let request = EngineRequest(removing: record)
        do {
            _ = try await write(try gate.check(request, on: record), SwarmRecords.patient)
        } catch let error as EngineError where error.code == .notFound {
            return
        }
    }

    private static func deadline(of name: RecordName) -> Duration {
        name == .lease ? quick : patient
    }

    private func own(_ labels: [String: String]) -> [String: String] {
        labels.merging([Labels.record: controller]) { _, own in own }
    }

    /// Whether it was in time.
    private func write(_ request: CheckedRequest, _ deadline: Duration) async throws -> Bool {
        let manager = managers.first
        do {
            try await managers.trusted(manager).send(record: request, within: deadline)
            return true
        } catch let error as EngineError where error.isTooLate {
            return false
        } catch let error as EngineError where error.isOneManagers {
            managers.skip(manager)
            throw error
        } catch let stranger as StrangeEngine {
            managers.skip(manager)
            throw stranger
        }
    }
}
