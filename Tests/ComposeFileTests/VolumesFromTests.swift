import Model
import Testing

/// `volumes_from`: the mounts of another service become a service's own.
@Suite struct VolumesFromTests {
    private static let text = """
        services:
          store:
            image: i
            volumes: ["data:/data", "/srv/x:/srv:ro", "./site:/site:ro"]
            secrets: [key]
          middle:
            image: i
            volumes: ["other:/srv"]
            volumes_from: [store]
          last:
            image: i
            volumes_from: [store, "middle:ro"]
        volumes: {data: {}, other: {}}
        secrets: {key: {file: ./key}}
        """

    private func mounts(_ name: String) throws -> [String: Mount] {
        let sample = Sample(Self.text, ["site/index.html": "hi", "key": "1"])
        let service = try #require(try sample.load().services[name])
        return Dictionary(uniqueKeysWithValues: service.volumes.map { ($0.target, $0) })
    }

    @Test func takesOverAllButWhatItMountsItself() throws {
        let mounts = try mounts("middle")
        #expect(mounts.keys.sorted() == ["/data", "/run/secrets/key", "/site", "/srv"])
        #expect(mounts["/srv"]?.source == .volume(key: "other"))
        #expect(mounts["/data"]?.readOnly == false && mounts["/site"]?.readOnly == true)
    }

    /// Also what that one has taken over; `:ro` makes all of it read-only.
    @Test func theLaterOfTwoSourcesWins() throws {
        let mounts = try mounts("last")
        #expect(mounts.count == 4)
        #expect(mounts["/srv"]?.source == .volume(key: "other"))
        #expect(mounts.values.allSatisfy { $0.readOnly })
    }

    @Test func isADependency() throws {
        let sample = Sample(Self.text, ["site/index.html": "hi", "key": "1"])
        let last = try #require(try sample.load().services["last"])
        #expect(last.dependsOn.keys.sorted() == ["middle", "store"])
        #expect(last.dependsOn.values.allSatisfy { $0.condition == .started && !$0.restart })
    }

    /// A change of what is taken over is a change of the service; its place is the entry's.
    @Test func isPartOfTheServiceThatTakesOver() throws {
        let stack = try Sample(Self.text, ["site/index.html": "hi", "key": "1"]).load()
        let path = FieldPath("services", "last", "volumes")[0]
        #expect(stack.places.location(of: path)?.line == 12)
        let other = Sample(
            Self.text.replacing("data:/data", with: "other:/data"),
            ["site/index.html": "hi", "key": "1"]
        )
        #expect(try other.load().services["last"] != stack.services["last"])
    }

    @Test func aCycleIsRefused() throws {
        let findings = Sample(
            "services: {a: {image: i, volumes_from: [b]}, b: {image: i, volumes_from: [a]}}"
        ).findings()
        #expect(findings.contains { $0.hasSuffix("error dependency-cycle") }, "\(findings)")
    }

    /// The container of somebody is left for policy to refuse.
    @Test func aContainerIsNoService() throws {
        let service = try Sample(service: "volumes_from: [\"container:other:ro\"]").service()
        #expect(service.volumes.isEmpty)
        #expect(service.volumesFrom == [.init(service: "container:other", readOnly: true)])
    }
}
