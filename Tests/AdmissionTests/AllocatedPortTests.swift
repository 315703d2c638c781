import Admission
import Model
import Testing

/// Ports that Gyre chooses, by the operator's leave.
@Suite struct AllocatedPortTests {
    private func denials(
        _ port: PortMapping,
        _ grant: (inout Grants) -> Void,
        _ change: (inout Service) -> Void = { _ in }
    ) -> [String] {
        var tenant = Astro.tenant
        grant(&tenant.grants)
        let stack = Astro.stack { service in
            service.ports = [port]
            change(&service)
        }
        do {
            _ = try Policy(tenant).admit(stack)
            return []
        } catch {
            return Set(error.diagnostics.filter { $0.severity == .error }.map(\.code)).sorted()
        }
    }

    @Test func aPortMayBeLeftOpenWhereThereIsARange() {
        let open = PortMapping(target: 80)
        #expect(denials(open, { _ in }) == ["port-granted"])
        #expect(denials(open, { $0.allocatedPorts = [31000...31010] }) == [])
        var zero = open
        zero.published = 0
        #expect(denials(zero, { $0.allocatedPorts = [31000...31010] }) == [])
    }

    @Test func whatTheFileLeavesOpenHasToMeetTheRange() {
        var some = PortMapping(target: 80)
        some.candidates = "33005-33020"
        #expect(denials(some, { $0.allocatedPorts = [33000...33010] }) == [])
        #expect(denials(some, { $0.allocatedPorts = [33000...33004] }) == ["port-granted"])
    }

    /// Each port of a range that a file names has to be granted, where none is Gyre's to choose.
    @Test(arguments: [
        ("30000-30005", true), ("32767-32767", true), ("32760-32767", true),
        ("32765-32775", false), ("29999-30005", false), ("20000-20005", false),
        ("30005-30000", false), ("0-30005", false), ("30000-70000", false), ("x-y", false),
    ])
    func eachPortOfARangeIsJudged(range: String, isGranted: Bool) {
        var port = PortMapping(target: 80)
        port.candidates = range
        #expect(denials(port, { _ in }) == (isGranted ? [] : ["port-granted"]))
    }

    @Test func aRangeThatReachesAPublicPortCountsAsPublic() {
        let shared: (inout Service) -> Void = { service in
            service.volumes = [Astro.bind("/global/astro")]
            service.user = "41000:5000"
        }
        var port = PortMapping(target: 80)
        port.candidates = "31990-31999"
        #expect(denials(port, { _ in }, shared) == [])
        port.candidates = "31990-32000"
        #expect(denials(port, { _ in }, shared) == ["public-read-only"])
    }

    @Test func aRangeIsNoGrantOfAPortByNumber() {
        let named = PortMapping(published: 20000, target: 80)
        #expect(denials(named, { $0.allocatedPorts = [20000...20010] }) == ["port-granted"])
    }

    @Test func aPortThatMayBecomePublicCountsAsPublic() {
        let shared: (inout Service) -> Void = { service in
            service.volumes = [Astro.bind("/global/astro")]
            service.user = "41000:5000"
        }
        let open = PortMapping(target: 80)
        #expect(denials(open, { $0.allocatedPorts = [31000...31010] }, shared) == [])
        #expect(
            denials(open, { $0.allocatedPorts = [32005...32020] }, shared) == ["public-read-only"]
        )
    }
}
