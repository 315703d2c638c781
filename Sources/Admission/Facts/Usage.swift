package import Model

/// What a stack would use in all, by the limits of its containers.
package struct Usage: Hashable, Codable, Sendable {
    package var containers = 0
    /// Bytes.
    package var memory: Int64 = 0
    package var nanoCPUs: Int64 = 0
    package var pids: Int64 = 0
    package var volumes = 0

    package init() {}

    /// Of all services of `stack`; sums stop at the largest number there is.
    package init(of stack: Stack) {
        volumes = stack.volumes.values.count { !$0.isExternal }
        for service in stack.services.values {
            let count = max(0, service.replicas)
            containers = Usage.sum(containers, count, times: 1)
            memory = Usage.sum(memory, service.resources.memory?.bytes ?? 0, times: Int64(count))
            nanoCPUs = Usage.sum(nanoCPUs, service.processors ?? 0, times: Int64(count))
            pids = Usage.sum(pids, service.resources.pids ?? 0, times: Int64(count))
        }
    }

    private static func sum<Number: FixedWidthInteger>(
        _ sum: Number,
        _ amount: Number,
        times count: Number
    ) -> Number {
        let (product, isTooLarge) = amount.multipliedReportingOverflow(by: count)
        let (total, overflow) = sum.addingReportingOverflow(product)
        return isTooLarge || overflow ? .max : total
    }

    /// What of it is more than `quota` allows, as people read it.
    func excess(over quota: Quota) -> [String] {
        var excess: [String] = []
        func compare(_ used: Int64, _ most: Int64?, _ text: (Int64) -> String) {
            if let most, used > most { excess.append("\(text(used)), more than \(text(most))") }
        }
        compare(Int64(containers), quota.containers.map(Int64.init)) { "\($0) containers" }
        compare(memory, quota.memory?.bytes) { "\(ByteCount($0)) of memory" }
        compare(nanoCPUs, quota.nanoCPUs) { "\(Double($0) / 1_000_000_000) CPUs" }
        compare(pids, quota.pids) { "\($0) processes" }
        compare(Int64(volumes), quota.volumes.map(Int64.init)) { "\($0) volumes" }
        return excess
    }
}
