import DockerEngine
import Model
import Testing

/// What an engine says of its node.
@Suite(.timeLimit(.minutes(10)))
struct NodeFactsTests {
    @Test(arguments: [
        ("null", NodeUsers.asShown),
        (#"["name=seccomp,profile=default"]"#, .asShown),
        (#"["name=seccomp,profile=default","name=userns"]"#, .remapped),
        (#"["name=seccomp,profile=builtin","name=rootless","name=cgroupns"]"#, .rootless),
        (#"["name=usernsx","profile=userns"]"#, .asShown),
    ])
    func whatUsersAre(options: String, users: NodeUsers) async throws {
        let body =
            #"{"ID":"e","Name":"n","ServerVersion":"20.10","DockerRootDir":"/d","NCPU":1,"#
            + #""MemTotal":1,"SecurityOptions":\#(options),"Labels":["tier=web"],"#
            + #""Swarm":{"NodeID":"s"},"#
            + #""ApiVersion":"1.41","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}"#
        let fake = try FakeEngine { _ in .status(200, body) }
        let node = try await fake.engine.node()
        #expect(node.users == users && node.labels == ["tier": "web"])
        #expect(node.swarmNode == "s")
    }
}
