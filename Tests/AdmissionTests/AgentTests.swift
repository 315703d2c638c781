import Admission
import Foundation
import Model
import Testing

/// What an Open Policy Agent is asked, and what becomes of its answers.
@Suite struct AgentTests {
    private func answer(_ result: String) throws -> AgentAnswer {
        try AgentAnswer(parsing: Array(#"{"result": \#(result), "decision_id": "d-1"}"#.utf8))
    }

    private func admitted(
        _ result: String,
        _ edit: (inout Service) -> Void = { _ in }
    ) throws -> AdmittedStack {
        let own = try Astro.policy.admit(Astro.stack(edit))
        return try Astro.policy.admit(own, as: answer(result))
    }

    private func findings(
        _ result: String,
        _ edit: (inout Service) -> Void = { _ in }
    ) -> [Diagnostic] {
        do {
            _ = try admitted(result, edit)
            return []
        } catch {
            return (error as? Rejection)?.diagnostics ?? []
        }
    }

    @Test func aYesChangesNothing() throws {
        let own = try Astro.policy.admit(Astro.stack)
        let joined = try admitted(#"{"allow": true}"#)
        #expect(joined.effective == own.effective && joined.mutations == own.mutations)
        #expect(joined.decision == "d-1" && own.decision == nil)
    }

    @Test func aDenialSaysRulePlaceAndFix() throws {
        let found = findings(
            """
            {"allow": false, "deny": [{"rule": "no-latest", "message": "name a version",
            "field": ["services", "web", "image"], "fix": "write nginx:1.27"}]}
            """
        )
        #expect(found.map(\.code) == ["opa/no-latest"])
        #expect(found.first?.field == FieldPath("services", "web", "image"))
        #expect(found.first?.fix == "write nginx:1.27" && found.first?.severity == .error)
    }

    /// A denial counts whatever else is said, and so does a no without one.
    @Test(arguments: [
        #"{"allow": true, "deny": ["not on Fridays"]}"#, #"{"allow": false}"#,
        #"{"allow": false, "deny": []}"#, #"{"allow": false, "warn": ["x"]}"#,
    ])
    func deniesWhereItSaysSo(result: String) {
        let errors = findings(result).filter { $0.severity == .error }
        #expect(errors.map(\.code) == ["opa/verdict"], "\(result)")
    }

    @Test func warnsBesideWhatWeSay() throws {
        let joined = try admitted(
            #"{"allow": true, "warn": [{"message": "soon gone", "field": "services.web.image"}]}"#
        )
        #expect(joined.warnings.map(\.code) == ["opa/verdict"])
        #expect(joined.warnings.first?.field == FieldPath("services", "web", "image"))
    }

    @Test(arguments: [
        "", "[]", "null", "true", "{", #"{"result": true}"#, #"{"result": []}"#,
        // Undefined.
        "{}", #"{"decision_id": "x"}"#,
        #"{"result": {}}"#, #"{"result": {"deny": []}}"#, #"{"result": {"allow": "true"}}"#,
        #"{"result": {"allow": 1}}"#, #"{"result": {"allow": true, "denied": []}}"#,
        #"{"result": {"allow": true, "deny": {}}}"#, #"{"result": {"allow": true, "deny": [1]}}"#,
        #"{"result": {"allow": true, "deny": [{}]}}"#, #"{"result": {"allow": null}}"#,
        #"{"result": {"allow": true, "deny": [{"message": "x", "rule": "a b"}]}}"#,
        #"{"result": {"allow": true, "deny": [{"message": "x", "place": "y"}]}}"#,
        #"{"result": {"allow": true, "warn": "x"}}"#,
        #"{"result": {"allow": true, "mutate": [{"field": "services.web.user"}]}}"#,
        #"{"result": {"allow": true, "mutate": [{"value": 1}]}}"#,
    ])
    func whatIsNotUnderstoodIsNoAnswer(text: String) {
        #expect(throws: AgentAnswer.Malformed.self) {
            try AgentAnswer(parsing: Array(text.utf8))
        }
    }

    @Test func tooMuchIsNoAnswer() {
        let many = Array(repeating: #""x""#, count: 201).joined(separator: ",")
        #expect(throws: AgentAnswer.Malformed.self) {
            try answer(#"{"allow": true, "deny": [\#(many)]}"#)
        }
    }

    @Test func fillsInWhatTheFileLeavesOut() throws {
        let joined = try admitted(
            """
            {"allow": true, "mutate": [
              {"rule": "small", "field": "services.web.deploy.resources.limits.memory",
               "value": 67108864, "message": "small by default"},
              {"field": "services.web.user", "value": "41000:5000"},
              {"field": "services.web.read_only", "value": true},
              {"field": "services.web.labels.org.example.owner", "value": "ann"},
              {"field": ["services", "web", "cap_drop"], "value": ["CHOWN", "SETUID"]}]}
            """
        ) { $0.resources.memory = nil }
        let web = try #require(joined.effective["web"])
        #expect(web.service.resources.memory?.bytes == 64 << 20)
        #expect(web.service.user == "41000:5000" && web.service.readOnly)
        #expect(web.service.labels["org.example.owner"] == "ann")
        #expect(!web.capAdd.contains("CHOWN") && web.capAdd.contains("KILL"))
        // What the tenant's files say is as it was: a spec hash covers that alone.
        #expect(joined.stack.services["web"]?.user == nil)
        let own = joined.mutations.filter { $0.rule.hasPrefix("opa/") }
        #expect(own.count == 5)
        let memory = try #require(own.first { $0.rule == "opa/small" })
        #expect(memory.from == "\(512 << 20)" && memory.to == "\(64 << 20)")
        #expect(memory.reason == "small by default")
    }

    @Test func whatIsSoAlreadyIsNoChange() throws {
        let joined = try admitted(
            #"{"allow": true, "mutate": [{"field": "services.web.read_only", "value": true}]}"#
        ) { $0.readOnly = true }
        #expect(joined.mutations.isEmpty)
    }

    /// What a file says is never overruled, and nothing else is filled in.
    @Test(arguments: [
        #""services.web.deploy.resources.limits.memory", "value": 1000000"#,
        #""services.web.deploy.resources.limits.pids", "value": 10"#,
        #""services.web.image", "value": "evil""#, #""services.web.privileged", "value": true"#,
        #""services.web.volumes", "value": ["/:/host"]"#, #""services.db.user", "value": "1""#,
        #""services.web.read_only", "value": false"#, #""services.web.user", "value": 0"#,
        #""services.web.user", "value": """#, #""networks.default", "value": "x""#,
        #""services.web.cap_drop", "value": "NOTHING""#, #""services.web", "value": {}"#,
        #""services.web.labels", "value": {}"#, #""services", "value": {}"#,
        #""services.web.labels.org.a", "value": 1"#, #""x", "value": 1"#,
    ])
    func fillsInNothingElse(change: String) {
        let found = findings(#"{"allow": true, "mutate": [{"field": \#(change)}]}"#)
        #expect(found.map(\.code) == ["opa/verdict"], "\(change)")
        #expect(found.first?.message.hasPrefix("the site's policy fills in") == true)
    }

    /// Gyre's own rules have the last word on what was filled in.
    @Test func whatIsFilledInIsJudgedToo() {
        let shared: (inout Service) -> Void = {
            $0.volumes = [Astro.bind("/global/astro", readOnly: true)]
            $0.user = "41000:5000"
            $0.capDrop = ["ALL"]
        }
        let reserved = #""services.web.labels.io.gyre.stack", "value": "bio""#
        let routing =
            #""services.web.labels.traefik.http.routers.astro.rule", "value": "Host(`x.org`)""#
        let large = #""services.web.deploy.resources.limits.memory", "value": 99999999999999"#
        for (change, rule) in [(reserved, "label-reserved"), (routing, "label-routing")] {
            let found = findings(#"{"allow": true, "mutate": [{"field": \#(change)}]}"#, shared)
            #expect(found.contains { $0.code == rule }, "\(change)")
        }
        let found = findings(#"{"allow": true, "mutate": [{"field": \#(large)}]}"#) {
            $0.resources.memory = nil
        }
        #expect(found.contains { $0.code == "memory-maximum" })
    }

    @Test func aServiceWithDotsIsFound() throws {
        var stack = Astro.stack
        stack.services["web.api"] = stack.services["web"]
        let own = try Astro.policy.admit(stack)
        let change = #"{"field": "services.web.api.user", "value": "1000"}"#
        let joined = try Astro.policy.admit(
            own,
            as: answer(#"{"allow": true, "mutate": [\#(change)]}"#)
        )
        #expect(joined.effective["web.api"]?.service.user == "1000")
        #expect(joined.effective["web"]?.service.user == nil)
    }
}

/// The document that is sent.
@Suite struct AgentQuestionTests {
    private func question(_ stack: Stack) throws -> JSON {
        AgentQuestion(
            about: try Astro.policy.admit(stack),
            of: Astro.tenant,
            from: ["commit": "c0ffee"]
        ).json
    }

    @Test func tellsWhatContainersGet() throws {
        var stack = Astro.stack {
            $0.resources.memory = nil
            $0.ports = [PortMapping(published: 30000, target: 80)]
        }
        stack.services["web"]?.volumes = [Astro.bind("/scratch/astro/x", readOnly: true)]
        let json = try question(stack)
        #expect(json["version"] == "gyre.opa/1" && json["source"]?["commit"] == "c0ffee")
        let web = try #require(json["services"]?["web"])
        #expect(web["limits"]?["memory"] == .int(512 << 20))
        #expect(web["ports"]?.arrayValue?.first?["published"] == 30000)
        #expect(web["volumes"]?.arrayValue?.first?["source"] == "/scratch/astro/x")
        #expect(json["mutations"]?.arrayValue?.first?["rule"] == "memory-default")
        #expect(json["project"]?["profile"] == "restricted")
    }

    @Test func tellsWhatDockerCallsTheStack() throws {
        var stack = Astro.stack
        #expect(try question(stack)["stack"]?["compose_project"] == "astro")
        stack.adoptedName = "old"
        #expect(try question(stack)["stack"]?["compose_project"] == "old")
    }

    /// What is secret is named, and no more.
    @Test func tellsNoSecret() throws {
        let canary = "hunter2-canary"
        var stack = Astro.stack { $0.environment = ["DB_PASSWORD": canary, "PLAIN": canary] }
        var file = Stack.StoredFile(name: "astro_token", origin: .text(canary))
        file.content = Array(canary.utf8)
        stack.secrets = ["token": file]
        stack.texts = ["token": ConcealedText(canary)]
        let json = try question(stack)
        #expect(!json.text.contains(canary))
        #expect(json["services"]?["web"]?["environment"] == ["DB_PASSWORD", "PLAIN"])
        #expect(json["secrets"]?["token"]?["name"] == "astro_token")
    }

    /// Each member has a row of its own in the documentation, and the other way round.
    @Test func isWhatTheDocumentationSays() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Docs/OPA.md").standardizedFileURL
        let lines = try String(contentsOf: page, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        func rows(_ heading: String) -> Set<String> {
            let section = lines.drop { $0 != heading }.dropFirst().prefix { !$0.hasPrefix("##") }
            let cells = section.filter { $0.hasPrefix("| `") }.compactMap {
                $0.split(separator: "|").first
            }
            return Set(
                cells.flatMap { $0.split(separator: ",") }.map {
                    $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
                }
            )
        }
        let json = try question(Astro.stack)
        #expect(rows("### The document") == Set(try #require(json.objectValue).keys))
        let web = try #require(json["services"]?["web"]?.objectValue)
        #expect(rows("### A service").isSuperset(of: web.keys))
    }
}
