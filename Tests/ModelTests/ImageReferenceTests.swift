import Model
import Testing

@Suite struct ImageReferenceTests {
    /// What a container was created from need not be what its labels say.
    @Test func aPinTakesNoNameOfAnotherRepository() {
        let digest = "httpd@sha256:" + String(repeating: "a", count: 64)
        let pin = ImagePin(reference: digest, imageID: "sha256:1", digest: digest)
        #expect(pin.named("httpd:2.4")?.reference == "httpd:2.4")
        #expect(pin.named("docker.io/library/httpd")?.pinned == digest)
        #expect(pin.named("nginx") == nil)
        let local = ImagePin(reference: "sha256:1", imageID: "sha256:1", digest: nil)
        #expect(local.named("httpd:2.4")?.pinned == "sha256:1")
    }

    @Test(arguments: [
        ("httpd", "docker.io/library/httpd:latest", "httpd"),
        ("httpd:2.4", "docker.io/library/httpd:2.4", "httpd"),
        ("library/httpd", "docker.io/library/httpd:latest", "httpd"),
        ("library/a/b", "docker.io/library/a/b:latest", "library/a/b"),
        ("docker.io/httpd", "docker.io/library/httpd:latest", "httpd"),
        ("index.docker.io/library/httpd", "docker.io/library/httpd:latest", "httpd"),
        ("bitnami/redis", "docker.io/bitnami/redis:latest", "bitnami/redis"),
        ("localhost/app", "localhost/app:latest", "localhost/app"),
        ("localhost:5000/app:1", "localhost:5000/app:1", "localhost:5000/app"),
        ("example.org/team/app:v1-rc.2", "example.org/team/app:v1-rc.2", "example.org/team/app"),
        ("example.org:443/app", "example.org:443/app:latest", "example.org:443/app"),
        ("Host/app", "Host/app:latest", "Host/app"),
        ("a__b/c--d.e", "docker.io/a__b/c--d.e:latest", "a__b/c--d.e"),
    ])
    func areTakenApart(text: String, whole: String, familiar: String) throws {
        let reference = try #require(ImageReference(text))
        #expect(reference.description == whole)
        #expect(reference.familiarName == familiar)
        #expect(ImageReference(whole)?.description == whole)
    }

    @Test func digestsAreKept() throws {
        let digest = "sha256:" + String(repeating: "0a", count: 32)
        let both = try #require(ImageReference("httpd:2@\(digest)"))
        #expect(both.tag == "2")
        #expect(both.digest == digest)
        #expect(both.description == "docker.io/library/httpd:2@\(digest)")
        let alone = try #require(ImageReference("example.org:5000/a@\(digest)"))
        #expect(alone.tag == nil)
        #expect(alone.registry == "example.org:5000")
        #expect(alone.description == "example.org:5000/a@\(digest)")
    }

    @Test(arguments: [
        "", ":", "@", "/", "a/", "/a", "a//b", "a:", "a:b:c", "a@b", "a b", " a", "a\n", "Httpd",
        "a/B", "-a", "a-", ".a", "a.", "a..b", "a___b", "a._b", "_a", "http://a/b", "a:-b", "a:.b",
        "a:b/c", "example.org:/a", "example.org:0/a", "example.org:65536/a", "example.org:x/a",
        "example..org/a", "-example.org/a", "example-.org/a", "exa_mple.org/a", "a@sha256:00",
        "a@sha512:00", "[::1]:5000/a", "user@example.org/a", "a:\u{301}b",
    ])
    func otherTextIsNoReference(text: String) {
        #expect(ImageReference(text) == nil)
    }

    /// A host takes a slash; without one it is a name below `docker.io/library`.
    @Test func aHostAloneIsAName() {
        #expect(ImageReference("example.org")?.name == "docker.io/library/example.org")
    }

    /// Letters that look like ASCII ones name other registries or nothing.
    @Test(arguments: [
        "docker.іo/library/httpd", "ԁocker.io/library/httpd", "httрd", "dοcker.io/a",
        "ｄocker.io/a", "docker。io/a", "docker.io／a", "httpd\u{200B}", "httpd\u{202E}", "ﬁle",
        "é", "e\u{301}", "httpd:２", "İstanbul/a",
    ])
    func confusablesAreRefused(text: String) {
        #expect(ImageReference(text) == nil)
    }

    /// 64 digits are an id, which names nothing that policy could judge; what else may be one,
    /// such as `sha256:` and digits, the grammar can't tell and policy refuses.
    @Test func idsAreNoReferences() {
        let id = String(repeating: "ab", count: 32)
        #expect(ImageReference(id) == nil)
        #expect(ImageReference(String(id.dropLast())) != nil)
        #expect(ImageReference("library/\(id)") != nil)
    }

    @Test func tagsAreBounded() {
        #expect(ImageReference("a:" + String(repeating: "t", count: 128)) != nil)
        #expect(ImageReference("a:" + String(repeating: "t", count: 129)) == nil)
    }
}
