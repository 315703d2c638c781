internal import Model

extension Rule {
    /// Part of every policy digest; raised when a rule's question changes under the same id.
    package static let version: Int64 = 13

    /// The ids of a profile's rules.
    static func ids(of profile: TenantPolicy.Profile) -> Set<String> {
        switch profile {
        case .restricted: restrictedIDs
        case .baseline: baselineIDs
        case .privileged: privilegedIDs
        }
    }

    private static let restrictedIDs = Set(all.map(\.id))
    private static let baselineIDs = restrictedIDs.subtracting(uncounted.map(\.id))
    private static let privilegedIDs = Set(bookkeeping.map(\.id))

    /// Rules that no audit or exception lifts.
    static let unliftable = filling.reduce(into: everywhere) { $0.insert($1.id) }

    /// Those of them that hold whatever the profile: the second check can't let pass what nobody
    /// can compare.
    static let everywhere: Set = [bindForm.id]

    /// Every rule, in the order in which the documentation lists them; the profile `restricted`.
    package static let all: [Rule] = [
        .privileged, .capabilityKnown, .capabilityGranted, .securityOption, .namespace,
        .namespaceClosed, .device, .annotation, .runtime, .sysctl, .scheduling, .controlGroup,
        .storage, .placement,
        .bindForm, .bindEngine, .bindNode, .bindGranted, .bindReadOnly, .bindBelow,
        .bindOption,
        .mountTarget, .workingDirectory, .volumeDriver,
        .identityGroup, .identity, .group,
        .imageReference, .imageGranted, .imageTag,
        .nameForm, .ownName, .nameClaimed, .guestName, .guestAddress, .undeclared,
        .hostName,
        .networkDriver, .subnet, .endpoint, .hostEntry, .logging,
        .labelReserved, .labelRouting, .ingressHost, .printable,
        .portGranted, .portForm, .portCount, .publicReadOnly,
        .entryFile, .inputSize, .serviceCount, .quota, .projectQuota, .replicaCount,
        .memoryDefault, .memoryMaximum, .memoryReservation,
        .pidsDefault, .pidsMaximum, .cpuDefault, .cpuMaximum, .cpuReservation, .memorySwap, .ulimit,
        .tmpfs, .healthcheckInterval,
        .stopGracePeriod,
        .variableContent, .secretInEnvironment,
    ]

    /// Those that fill in.
    static let filling = all.filter { if case .fill = $0.judge { true } else { false } }

    /// What the profile `baseline` leaves out: bounds and identities that a team of the house
    /// answers for itself.
    private static let uncounted: [Rule] = [
        .identityGroup, .identity, .publicReadOnly, .portCount, .serviceCount, .replicaCount,
        .quota, .stopGracePeriod, .entryFile, .inputSize, .variableContent,
    ]

    /// What the profile `privileged` keeps: nothing is taken for another's, and what is written
    /// can be read.
    private static let bookkeeping: [Rule] = [
        .capabilityKnown, .bindForm, .imageReference, .nameForm, .ownName, .nameClaimed,
        .guestName, .guestAddress, .undeclared,
        .hostName, .labelReserved, .labelRouting, .ingressHost, .printable, .portForm,
        .memoryDefault, .pidsDefault, .cpuDefault, .tmpfs, .secretInEnvironment, .projectQuota,
    ]
}
