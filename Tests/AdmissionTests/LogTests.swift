import Admission
import Model
import Testing

/// What is kept of a container's log: always with an end.
@Suite struct LogTests {
    @Test(
        arguments: [
            ([:], "10m", "3"), (["max-size": "1m"], "1m", "3"), (["max-file": "5"], "10m", "5"),
            (["max-size": "2m", "max-file": "1"], "2m", "1"),
        ] as [([String: String], String, String)]
    )
    func isFilledIn(options: [String: String], size: String, files: String) throws {
        for driver in [nil, "json-file", "local"] {
            let kept = try kept(Service.Logging(driver: driver, options: options))
            #expect(kept.driver == driver ?? "json-file")
            #expect(kept.options == ["max-size": size, "max-file": files])
        }
    }

    @Test func staysBelowWhatIsGranted() throws {
        var grants = Astro.grants
        grants.maximumLogs = 6_000_000
        #expect(try kept(nil, grants).options == ["max-size": "2000000", "max-file": "3"])
        let large = Service.Logging(options: ["max-size": "5m"])
        #expect(try kept(large, grants).options == ["max-size": "5m", "max-file": "1"])
        let many = Service.Logging(options: ["max-file": "6"])
        #expect(try kept(many, grants).options == ["max-size": "1000000", "max-file": "6"])
        let policy = Policy(TenantPolicy(grants: grants))
        let stack = Astro.stack { $0.logging = .init(options: ["max-size": "7m"]) }
        #expect(Astro.denials(of: stack, by: policy) == ["log-driver"])
    }

    @Test func isOfADriverThatIsGranted() throws {
        var grants = Astro.grants
        grants.logDrivers = ["local"]
        #expect(try kept(nil, grants).driver == "local")
    }

    @Test func honestSizesPass() {
        for (size, files) in [("100m", "10"), ("1g", "4"), ("50m", "5"), ("1g", nil)] {
            let stack = Astro.stack {
                $0.logging = .init(driver: "json-file", options: ["max-size": size])
                $0.logging?.options["max-file"] = files
            }
            #expect(Astro.denials(of: stack).isEmpty, "\(size)")
        }
    }

    @Test(arguments: ["{{.Name}}", "{{.ContainerName}}", "x/{{ .ContainerID }}/{{.ImageName}}"])
    func honestTagsPass(tag: String) {
        let stack = Astro.stack { $0.logging = .init(options: ["tag": tag]) }
        #expect(Astro.denials(of: stack).isEmpty)
    }

    private func kept(
        _ logging: Service.Logging?,
        _ grants: Grants = Astro.grants
    ) throws -> Service.Logging {
        let admitted = try Policy(TenantPolicy(grants: grants)).admit(
            Astro.stack { $0.logging = logging }
        )
        return try #require(admitted.effective["web"]).logging
    }
}
