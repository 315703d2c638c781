import Admission
import Model
import Planning
import Testing

/// The container through which a person reads a volume, past the gate.
@Suite struct GateExportTests {
    static func gate(
        _ volumes: Set<String> = ["astro_data"],
        owned: Set<String> = ["astro_data", "astro_other"]
    ) -> Gate {
        Gate(
            Astro.tenant,
            controller: "spin",
            stack: Astro.id,
            owned: owned,
            claims: [GateFixture.claim],
            exportedVolumes: volumes,
            contents: GateContents(emptyImage: GateContentTests.emptyImage)
        )
    }

    static func export(
        of volume: String = "astro_data",
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> EngineRequest {
        let export = VolumeExport(
            of: volume,
            stack: Astro.id,
            controller: "spin",
            claim: GateFixture.claim
        )
        let image = ImagePin(
            reference: EmptyImage.reference,
            imageID: GateContentTests.emptyImage,
            digest: nil
        )
        var request = EngineRequest(export, image: image)
        var body = request.body.flatMap { try? JSON(parsing: $0) } ?? [:]
        edit(&body)
        request.body = Array(body.text.utf8)
        return request
    }

    private func refusal(
        of request: EngineRequest,
        by gate: Gate = gate()
    ) -> GateCheck? { GateFixture.refusal(of: request, by: gate) }

    @Test func itReadsTheOneVolumeThatWasAskedForAndNothingElse() {
        #expect(refusal(of: Self.export()) == nil)
        let mount: JSON = [
            "Type": "volume", "Source": "astro_data", "Target": "/volume", "ReadOnly": true,
            "VolumeOptions": ["NoCopy": true],
        ]
        let edits: [([String], JSON)] = [
            (["Image"], .string(GateFixture.pinned)), (["Image"], "sha256:0"), (["User"], "0"),
            (["HostConfig", "Privileged"], true), (["HostConfig", "NetworkMode"], "host"),
            (["HostConfig", "Binds"], ["/:/x:ro"]),
            (["HostConfig", "Mounts"], []), (["HostConfig", "Mounts"], [mount, mount]),
            (["HostConfig", "Mounts", "0", "Source"], "astro_other"),
            (["HostConfig", "Mounts", "0", "Source"], "bio_data"),
            (["HostConfig", "Mounts", "0", "Type"], "bind"),
            (["HostConfig", "Mounts", "0", "Target"], "/"),
            (["HostConfig", "Mounts", "0", "ReadOnly"], false),
            (["HostConfig", "Mounts", "0", "VolumeOptions", "NoCopy"], false),
            (["HostConfig", "Mounts", "0", "VolumeOptions", "DriverConfig"], ["Name": "x"]),
            (["Labels", Labels.content], "carrier"), (["Labels", Labels.project], "bio"),
            (["Labels", Labels.claim], "another"), (["Labels", Labels.service], "web"),
        ]
        for (path, value) in edits {
            let request = Self.export { $0.set(path[...], to: value) }
            #expect(refusal(of: request) != nil, "\(path)")
        }
    }

    @Test func nobodyElseCausesOneToBeMade() {
        #expect(refusal(of: Self.export(), by: Self.gate([])) == .name)
        #expect(refusal(of: Self.export(of: "astro_other")) != nil)
        #expect(refusal(of: Self.export(), by: Self.gate(owned: [])) == .content)
        var named = Self.export()
        named.query = [.init("name", "astro-web-1")]
        #expect(refusal(of: named) == .name)
        let content = GateContentTests.volume(GateContentTests.file).name
        let gate = Self.gate([content], owned: [content])
        #expect(refusal(of: Self.export(of: content), by: gate) == .content)
    }
}
