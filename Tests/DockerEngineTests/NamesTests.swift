import DockerEngine
import Model
import Testing

/// Asking whose names begin like a stack's.
@Suite(.timeLimit(.minutes(10)))
struct NamesTests {
    private func fake() throws -> FakeEngine {
        try .listing(
            containers:
                #"[{"Id":"c1","Names":["/shop-web-1"],"ImageID":"i","Created":1,"Labels":null,"#
                + #""State":"exited","Status":"Exited (0) 1 s ago"},"#
                + #"{"Id":"c2","Names":["/old-shop-web-1"],"ImageID":"i","Created":1,"#
                + #""Labels":{},"State":"running","Status":"Up 1 s"}]"#,
            networks: #"[{"Id":"n1","Name":"shop_default","Labels":{"k":"v"},"Driver":"macvlan","#
                + #""Options":{"parent":"eth0"}}]"#,
            volumes:
                #"{"Volumes":[{"Name":"shop_data","Labels":null,"Driver":"local","Options":null},"#
                + #"{"Name":"a_shop_data"}]}"#
        )
    }

    @Test func tellsAllKindsAndOnlyWhatBeginsSo() async throws {
        let found = try await fake().engine.objects(named: "shop", [.container, .network, .volume])
        #expect(
            found == [
                NamedObject(kind: .container, id: "c1", name: "shop-web-1"),
                NamedObject(
                    kind: .network,
                    id: "n1",
                    name: "shop_default",
                    labels: ["k": "v"],
                    driver: "macvlan",
                    options: ["parent": "eth0"]
                ),
                NamedObject(kind: .volume, id: "shop_data", name: "shop_data", driver: "local"),
            ]
        )
    }

    @Test func asksForWhatIsWantedOnly() async throws {
        let fake = try fake()
        _ = try await fake.engine.objects(named: "shop", [.container])
        let calls = fake.calls.filter { !$0.contains("/version") }
        #expect(calls.count == 1)
        #expect(calls[0].contains("all=true"))
        #expect(calls[0].contains("%22name%22%3A%5B%22shop%22%5D"))
    }

    /// What a plugin keeps may be no one's to use.
    @Test func tellsWhatASwarmKeepsAndByWhichPlugin() async throws {
        let fake = try FakeEngine { request in
            request == "GET /secrets"
                ? .status(
                    200,
                    #"[{"ID":"s1","Spec":{"Name":"shop_key","Labels":{}}},"#
                        + #"{"ID":"s2","Spec":{"Name":"shop_kept","Labels":{"k":"v"},"#
                        + #""Driver":{"Name":"vault"}}}]"#
                ) : .status(200, #"[{"ID":"c1","Spec":{"Name":"shop_site"}}]"#)
        }
        let found = try await fake.engine.objects(named: "shop", [.config, .secret])
        #expect(
            found == [
                NamedObject(kind: .config, id: "c1", name: "shop_site"),
                NamedObject(kind: .secret, id: "s1", name: "shop_key"),
                NamedObject(
                    kind: .secret,
                    id: "s2",
                    name: "shop_kept",
                    labels: ["k": "v"],
                    driver: "vault"
                ),
            ]
        )
    }

    @Test func anAnswerThatCantBeReadIsNoEmptyList() async throws {
        let fake = try FakeEngine.listing(networks: "{}")
        let error = await failure {
            try await fake.engine.objects(named: "shop", [.network])
        }
        #expect(error?.code == .protocolError)
    }
}
