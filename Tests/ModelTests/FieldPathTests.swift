import Model
import Testing

@Suite struct FieldPathTests {
    @Test func theyReadAsPeopleWriteThem() {
        let path = (FieldPath("services", "web") / "ports")[0]
        #expect(path.description == "services.web.ports[0]")
        #expect(path.parent?.description == "services.web.ports")
        #expect(FieldPath().description == "")
        #expect(FieldPath().parent == nil)
    }

    @Test func oneStandsWithinAnother() {
        let ports = FieldPath("services", "web") / "ports"
        #expect(ports[0].isWithin(ports) && ports.isWithin(ports) && ports.isWithin(FieldPath()))
        #expect(!ports.isWithin(ports[0]) && !FieldPath("services", "webs").isWithin(ports))
        #expect(!FieldPath("services", "webs").isWithin(FieldPath("services", "web")))
    }

    @Test func theyAreOrderedByComponent() {
        let services = FieldPath("services")
        let sorted = [
            services, (services / "a")[2], (services / "a")[10], services / "a" / "x",
            services / "a-b", services / "ab", FieldPath("volumes"),
        ]
        #expect(sorted.reversed().sorted() == sorted)
        #expect(!(services < services))
        #expect(FieldPath() < services)
    }

    /// Of any two different paths one comes first, and not the other.
    @Test func theOrderIsTotal() {
        let parts: [FieldPath.Component] = [.index(0), .index(1), .key("0"), .key("a"), .key("b")]
        var paths = parts.map { FieldPath([$0]) } + [FieldPath()]
        for first in parts { paths += parts.map { FieldPath([first, $0]) } }
        for a in paths {
            for b in paths {
                #expect([a < b, b < a, a == b].count { $0 } == 1, "\(a) \(b)")
            }
        }
    }

    @Test func theNearestPlaceIsFound() {
        let services = FieldPath("services")
        let place = SourceLocation(file: "compose.yaml", line: 2, column: 3)
        var map = SourceMap([services: SourceLocation(file: "compose.yaml", line: 1, column: 1)])
        map.record(place, at: services / "web")
        #expect(map.location(of: (services / "web" / "ports")[3]) == place)
        #expect(map.location(of: services / "db")?.line == 1)
        #expect(map.location(of: FieldPath("volumes")) == nil)
        #expect(map.wrote(services / "web"))
        #expect(!map.wrote(services / "web" / "ports"))
    }
}
