import ComposeFile
import Model
import Testing

/// How a file says which requests lead to a service.
@Suite struct IngressTests {
    private func ingress(_ text: String) throws -> Service.Ingress? {
        try Sample(service: "x-gyre: {ingress: {\(text)}}").service().ingress
    }

    @Test func everyWordOfIt() throws {
        let whole = try ingress("host: WWW.Example.org, port: 8080, path: /api/v1")
        #expect(whole == .init(host: "www.example.org", port: 8080, path: "/api/v1"))
        let plain = try ingress("host: a.org, port: \"80\"")
        #expect(plain == .init(host: "a.org", port: 80))
        #expect(try Sample(service: "tty: false").service().ingress == nil)
        #expect(try Sample(service: "x-gyre: {}").service().ingress == nil)
        #expect(try Sample(service: "x-other: [1]").service().ingress == nil)
    }

    /// What a rule of a proxy can't hold, or what nobody would ever be led to.
    @Test(arguments: [
        ("host: \"a`) || Host(`b\", port: 80", "services.s.x-gyre.ingress.host"),
        ("host: \"*.example.org\", port: 80", "services.s.x-gyre.ingress.host"),
        ("host: a..b, port: 80", "services.s.x-gyre.ingress.host"),
        ("host: -a, port: 80", "services.s.x-gyre.ingress.host"),
        ("host: [a], port: 80", "services.s.x-gyre.ingress.host"),
        ("port: 80", "services.s.x-gyre.ingress"),
        ("host: a", "services.s.x-gyre.ingress"),
        ("host: a, port: 0", "services.s.x-gyre.ingress.port"),
        ("host: a, port: 65536", "services.s.x-gyre.ingress.port"),
        ("host: a, port: http", "services.s.x-gyre.ingress.port"),
        ("host: a, port: 80, path: api", "services.s.x-gyre.ingress.path"),
        ("host: a, port: 80, path: \"/`\"", "services.s.x-gyre.ingress.path"),
        ("host: a, port: 80, path: /a//b", "services.s.x-gyre.ingress.path"),
        ("host: a, port: 80, tls: true", "services.s.x-gyre.ingress.tls"),
    ])
    func whatIsWrong(text: String, field: String) throws {
        let sample = Sample(service: "x-gyre: {ingress: {\(text)}}")
        #expect(sample.findings().count == 1)
        let finding = try sample.finding()
        #expect(finding.field?.description == field && finding.severity == .error, "\(finding)")
        #expect(finding.location != nil && finding.fix != nil)
    }

    @Test(arguments: [
        ("x-gyre: {window: 1}", "unknown-attribute"), ("x-gyre: [ingress]", "wrong-type"),
        ("x-gyre: {ingress: a.org}", "wrong-type"),
        ("network_mode: host\nx-gyre: {ingress: {host: a, port: 80}}", "conflicting-values"),
    ])
    func whatStandsAround(body: String, code: String) throws {
        #expect(try Sample(service: body).finding().code == code)
        #expect(Sample(service: body).findings().count == 1)
    }

    @Test func oneServiceHasAHostAndPath() throws {
        let files = { (path: String) in
            """
            services:
              a: {image: i, x-gyre: {ingress: {host: a.org, port: 80, path: /x}}}
              b: {image: i, x-gyre: {ingress: {host: A.org, port: 81, path: \(path)}}}
            """
        }
        #expect(try Sample(files("/x")).finding().code == "conflicting-values")
        #expect(try Sample(files("/y")).load().services.values.allSatisfy { $0.ingress != nil })
    }
}
