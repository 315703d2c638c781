package import Admission
internal import Model

extension AdmittedStack {
    /// SHA-256 of what its containers get: what the files say, what policy filled in, and how
    /// they are confined.
    package var effectiveDigest: String {
        var filled = stack
        filled.services = effective.mapValues(\.service)
        let specs = SpecHash.all(of: filled)
        let services = effective.map { name, service in
            let facts: JSON = [
                "spec": .string(specs[name] ?? ""), "cap_add": .strings(service.capAdd),
                "security": .strings(service.securityOptions),
                "replicas": .int(Int64(service.service.replicas)),
            ]
            return (name, facts)
        }
        return SHA256Hex.of(JSON.object(Dictionary(uniqueKeysWithValues: services)).text)
    }
}
