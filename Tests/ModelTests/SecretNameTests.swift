import Model
import Testing

@Suite struct SecretNameTests {
    @Test(arguments: [
        "PASSWORD", "MYSQL_ROOT_PASSWORD", "password2", "DB_PASS", "DBPASS", "API_KEY", "APIKEY",
        "AWS_ACCESS_KEY_ID", "SSH_KEYS", "SECRET_KEY_BASE", "GITHUB_TOKEN", "CREDENTIALS_JSON",
    ])
    func soundsLikeASecret(name: String) { #expect(SecretName.isLikely(name)) }

    @Test(arguments: [
        "", "PATH", "KEYBOARD", "KEYCLOAK_URL", "PASSIVE_PORTS", "MYSQL_ROOT_PASSWORD_FILE",
        "_FILE", "VERSION",
    ])
    func doesNot(name: String) { #expect(!SecretName.isLikely(name)) }
}
