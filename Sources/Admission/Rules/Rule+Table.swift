internal import Model

extension Rule {
    /// Part of every policy digest; raised when a rule's question changes under the same id.
    static let version: Int64 = 1

    /// The rules of a profile, in the order in which the documentation lists them.
    static func table(of profile: TenantPolicy.Profile) -> [Rule] {
        switch profile {
        case .restricted: restricted
        }
    }

    /// Every rule there is.
    package static var all: [Rule] { restricted }

    /// The profile for tenants who share machines.
    package static let restricted: [Rule] = [
        .privileged, .capabilityKnown, .capabilityGranted, .securityOption, .namespace, .device,
        .bindForm, .bindEngine, .bindNode, .bindGranted, .bindReadOnly, .repositoryFile,
        .mountTarget, .workingDirectory,
        .identityGroup, .identity,
        .imageReference, .imageGranted,
        .nameForm, .ownName, .undeclared, .hostName,
        .labelReserved, .labelRouting, .printable,
        .portGranted, .portForm, .portCount,
        .serviceCount, .replicaCount, .memoryDefault, .memoryMaximum, .memoryReservation,
        .pidsDefault, .pidsMaximum, .tmpfs, .healthcheckInterval, .stopGracePeriod,
        .secretInEnvironment,
    ]
}
