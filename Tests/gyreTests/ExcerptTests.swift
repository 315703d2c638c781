import Testing

@testable import gyre

@Suite struct ExcerptTests {
    /// Stars, as many as there were characters, for what may be a password; nothing else.
    @Test(arguments: [
        ("url: https://me:pass@host/x", "url: https://*******@host/x"),
        ("url: https://me:p:a@s@host/x", "url: https://********@host/x"),
        ("url: https://token@host/x", "url: https://*****@host/x"),
        ("url: ssh://git@host/x", "url: ssh://git@host/x"),
        ("url: ssh://git:pass@host/x", "url: ssh://********@host/x"),
        ("DB_PASSWORD: secret", "DB_PASSWORD: ******"),
        ("image: nginx:1.27", "image: nginx:1.27"),
        ("{a: b, \"api_token\" : 'x y', c: d}", "{a: b, \"api_token\" : *****, c: d}"),
        ("password=a=b c", "password=*****"), ("password: [a]", "password: [a]"),
        ("x: {password: a}", "x: {password: *}"), ("password:", "password:"),
        ("http://a/b c@d", "http://a/b c@d"), (":", ":"), ("", ""), ("é: ü", "é: ü"),
    ])
    func passwordsAreMasked(line: String, shown: String) {
        #expect(Masking.masked(line) == shown)
    }
}
