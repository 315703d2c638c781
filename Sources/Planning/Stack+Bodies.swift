package import Model

extension Stack.Network {
    /// The body that the network is created from, as Docker Compose makes it.
    var body: JSON {
        .members([
            "Attachable": isAttachable ? true : nil,
            "Driver": .unlessEmpty(driver),
            "EnableIPv4": hasIPv4.map(JSON.bool),
            "EnableIPv6": hasIPv6.map(JSON.bool),
            "IPAM": addressing.body,
            "Internal": isInternal ? true : nil,
            "Labels": .strings(labels),
            "Name": .string(name),
            "Options": .unlessEmpty(options),
        ])
    }
}

extension Stack.Network.Addressing {
    fileprivate var body: JSON? {
        guard !isEmpty else { return nil }
        let pools = pools.map { pool in
            JSON.members([
                "AuxiliaryAddresses": .unlessEmpty(pool.reserved),
                "Gateway": .unlessEmpty(pool.gateway),
                "IPRange": .unlessEmpty(pool.range),
                "Subnet": .unlessEmpty(pool.subnet),
            ])
        }
        return .members([
            "Config": .unlessEmpty(pools), "Driver": .unlessEmpty(driver),
            "Options": .unlessEmpty(options),
        ])
    }
}

extension Stack.Volume {
    /// The body that the volume is created from, as Docker Compose makes it.
    var body: JSON {
        .members([
            "Driver": .unlessEmpty(driver), "DriverOpts": .unlessEmpty(options),
            "Labels": .strings(labels), "Name": .string(name),
        ])
    }
}

extension NetworkAttachment {
    /// The engine's `EndpointSettings`.
    package var endpoint: JSON {
        var options = asked?.options ?? [:]
        if let interface = asked?.interfaceName, !interface.isEmpty {
            options[Service.Attachment.interfaceOption] = interface
        }
        return .members([
            "Aliases": .strings(aliases),
            "DriverOpts": .unlessEmpty(options),
            "GwPriority": .unlessZero(asked?.gatewayPriority),
            "IPAMConfig": asked?.addresses,
            "IPAddress": repeatsAddress == true ? .unlessEmpty(asked?.ipv4Address) : nil,
            "IPv6Gateway": repeatsAddress == true ? .unlessEmpty(asked?.ipv6Address) : nil,
            "Links": .unlessEmpty(links),
            "MacAddress": .unlessEmpty(asked?.macAddress),
        ])
    }
}

extension Service.Attachment {
    fileprivate var addresses: JSON? {
        let addresses = JSON.members([
            "IPv4Address": .unlessEmpty(ipv4Address), "IPv6Address": .unlessEmpty(ipv6Address),
            "LinkLocalIPs": .unlessEmpty(linkLocalAddresses),
        ])
        return addresses == [:] ? nil : addresses
    }
}

/// Values that a body has only where they say something.
extension JSON {
    /// nil for the empty text, which the engine takes for none.
    static func unlessEmpty(_ text: String?) -> JSON? {
        text.flatMap { $0.isEmpty ? nil : .string($0) }
    }

    static func unlessEmpty(_ texts: [String]) -> JSON? {
        texts.isEmpty ? nil : .strings(texts)
    }

    static func unlessEmpty(_ texts: [String: String]) -> JSON? {
        texts.isEmpty ? nil : .strings(texts)
    }

    static func unlessEmpty(_ values: [JSON]) -> JSON? { values.isEmpty ? nil : .array(values) }

    static func unlessZero(_ number: Int64?) -> JSON? {
        number.flatMap { $0 == 0 ? nil : .int($0) }
    }
}
