import Admission
import Model
import Testing

/// What policy says of images before containers are created from them: as of a file.
@Suite struct ImageFindingTests {
    @Test(arguments: [
        ("traefik.http.routers.bio.rule", "label-routing"), ("Traefik.enable", "label-routing"),
        ("com.docker.stack.namespace", "label-reserved"), ("io.gyre.hold", "label-reserved"),
        ("com.docker.swarm.task", "label-reserved"),
        ("controller.example.org/x", "label-reserved"),
    ])
    func labels(key: String, rule: String) {
        let image = ImageConfig(labels: [key: "x", "org.example.team": "a"])
        let findings = findings(image)
        #expect(findings.map(\.code) == [rule])
        #expect(findings.first?.severity == .error)
        #expect(findings.first?.field == FieldPath("services", "web", "image"))
        #expect(findings.first?.message.contains(key) == true)
        // The engine takes the file's.
        #expect(self.findings(image) { $0.labels[key] = "y" } == [])
    }

    @Test func placesAndChecks() {
        let directory = ImageConfig(workingDirectory: "/proc/self/fd/8")
        #expect(findings(directory).map(\.code) == ["working-directory"])
        #expect(findings(directory) { $0.workingDirectory = "/" } == [])
        #expect(findings(ImageConfig(workingDirectory: "/srv")) == [])
        #expect(findings(ImageConfig(volumes: ["/proc"])).map(\.code) == ["mount-target"])
        let check = ImageConfig(hasHealthcheck: true, checkInterval: 999_999_999)
        #expect(findings(check).map(\.code) == ["healthcheck-interval"])
        #expect(findings(check) { $0.healthcheck = .init(interval: .seconds(9)) } == [])
        #expect(findings(check) { $0.healthcheck = .init(test: ["NONE"]) } == [])
        #expect(findings(ImageConfig(hasHealthcheck: true, checkInterval: 1_000_000_000)) == [])
    }

    /// The engine takes ours.
    @Test func whatIsOverriddenIsHarmless() {
        #expect(findings(ImageConfig(labels: ["io.gyre.project": "other"])) == [])
    }

    /// Compose's own labels of another project are set empty, so they are nobody's.
    @Test func whatComposeBuiltIsHarmless() {
        let built = ["com.docker.compose.project": "bio", "com.docker.compose.version": "2"]
        #expect(findings(ImageConfig(labels: built)) == [])
    }

    @Test func isLiftedAsOfAFile() {
        var tenant = Astro.tenant
        tenant.audited = ["label-routing", "label-reserved", "working-directory"]
        let image = ImageConfig(
            labels: ["traefik.enable": "true", "io.gyre.hold": "x"],
            workingDirectory: "/dev"
        )
        let found = Policy(tenant).findings(of: ["web": image], in: Astro.stack)
        let told = found.filter { $0.severity == .warning }.map(\.code)
        #expect(Set(told) == ["label-routing", "working-directory"])
        #expect(found.filter { $0.severity == .error }.map(\.code) == ["label-reserved"])
    }

    private func findings(
        _ image: ImageConfig,
        _ edit: (inout Service) -> Void = { _ in }
    ) -> [Diagnostic] {
        Astro.policy.findings(of: ["web": image], in: Astro.stack(edit))
    }
}
