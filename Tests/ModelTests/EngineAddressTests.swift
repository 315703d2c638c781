import Model
import Testing

@Suite struct EngineAddressTests {
    @Test(arguments: [
        ("unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
        ("unix:///srv/an engine/docker.sock", "unix:///srv/an engine/docker.sock"),
        ("tcp://node1", "tcp://node1:2376"), ("tcp://10.0.0.1:2377", "tcp://10.0.0.1:2377"),
        ("tcp://[fd00::1]:2376", "tcp://[fd00::1]:2376"),
        ("tcp://[fd00::1]", "tcp://[fd00::1]:2376"),
        ("ssh://node1", "ssh://node1/var/run/docker.sock"),
        ("ssh://gyre@node1/", "ssh://gyre@node1/var/run/docker.sock"),
        ("ssh://gyre@[fd00::1]:2222/run/d.sock", "ssh://gyre@[fd00::1]:2222/run/d.sock"),
    ])
    func isRead(text: String, whole: String) throws {
        let address = try #require(EngineAddress(text))
        #expect(address.description == whole)
        #expect(EngineAddress(whole) == address)
    }

    /// What would be an option, another word or another path to whoever is given it is none.
    @Test(arguments: [
        "", "docker.sock", "/var/run/docker.sock", "unix://docker.sock", "unix:///",
        "unix:///a/../b",
        "unix:///a\n", "http://node1", "tcp://", "tcp://node1:", "tcp://node1:0",
        "tcp://node1:70000",
        "tcp://node1:+1", "tcp://node1/x", "tcp://user@node1", "tcp://-x", "tcp://fd00::1:2376",
        "tcp://[fd00::1", "tcp://[node1]:1", "ssh://", "ssh://@node1",
        "ssh://-oProxyCommand=x@node1",
        "ssh://-oProxyCommand=x", "ssh://a b@node1", "ssh://a@b@node1", "ssh://u:secret@node1",
        "ssh://node1/a:b", "ssh://node1/a b", "ssh://node1/a/../b", "ssh://node1/%h",
        "ssh://node1/$x",
    ])
    func isRefused(text: String) { #expect(EngineAddress(text) == nil) }
}
