import Model
import Planning
import Testing

/// What stacks hold together, and what stands against more of it.
@Suite struct LedgerTests {
    private static let web = id("astro/web")
    private static let db = id("astro/db")

    private static func id(_ text: String) -> StackID {
        guard let id = try? StackID(parsing: text) else { preconditionFailure("\(text)") }
        return id
    }

    private static func share(
        _ service: String,
        _ spec: String,
        _ replicas: Int,
        gibibytes: Int64,
        isTask: Bool = false
    ) -> Reservation.Share {
        Reservation.Share(
            service: service,
            spec: spec,
            replicas: replicas,
            isTask: isTask,
            memory: gibibytes << 30,
            nanoCPUs: 500_000_000,
            pids: 10
        )
    }

    @Test func oldAndNewOfASlotCountOnce() {
        let usage = Reservation([
            Self.share("web", "1", 3, gibibytes: 1), Self.share("web", "2", 2, gibibytes: 4),
            Self.share("job", "1", 1, gibibytes: 1, isTask: true),
        ]).usage
        // Two slots with the larger, one with the smaller, and the task.
        #expect(usage.memory == (4 + 4 + 1 + 1) << 30)
        #expect(usage.containers == 4 && usage.replicas == 3 && usage.pids == 40)
        #expect(usage.nanoCPUs == 2_000_000_000)
    }

    /// What is counted for the first time was there before.
    @Test func beginningToCountIsNoGrowth() {
        var bare = Self.share("web", "1", 2, gibibytes: 1)
        bare.nanoCPUs = 0
        var full = Self.share("web", "1", 2, gibibytes: 1)
        full.volumes = 3
        var other = full
        other.spec = "2"
        let needed = Reservation([full, other], volumes: ["astro_a"])
        #expect(Reservation([bare]).counted(as: needed) == Reservation([full]))
        #expect(Reservation([full]).counted(as: Reservation([bare])) == Reservation([full]))
        #expect(Ledger([Self.web: needed]).usage(of: "astro").volumes == 7)
    }

    @Test func aServiceThatGoesCountsBesideTheOneThatComes() {
        let usage = Reservation([
            Self.share("web", "1", 1, gibibytes: 2), Self.share("www", "1", 1, gibibytes: 2),
        ]).usage
        #expect(usage.memory == 4 << 30 && usage.containers == 2)
    }

    @Test func sumsStopAtTheLargestNumber() {
        let huge = Reservation.Share(service: "a", spec: "", replicas: .max, memory: .max)
        let sum = Reservation([huge]).usage + Reservation([huge]).usage
        #expect(sum.memory == .max && sum.containers == .max)
    }

    @Test func volumesCountOnceWhetherReservedOrThere() {
        let ledger = Ledger(
            [Self.web: Reservation(volumes: ["astro_a", "astro_b"])],
            volumes: [Self.web: ["astro_b", "astro_old"], Self.db: ["astro_db"]]
        )
        #expect(ledger.usage(of: "astro").volumes == 4)
        #expect(ledger.usage(of: "bio") == Usage())
    }

    @Test func networksCountAndThoseThatAreThereAreNoGrowth() throws {
        let some = Reservation(networks: ["astro_a", "astro_b"])
        let ledger = Ledger([Self.web: some, Self.db: Reservation(networks: ["astro_c"])])
        #expect(ledger.usage(of: "astro").networks == 3)
        #expect(some.union(Reservation(networks: ["astro_b", "astro_x"])).usage.networks == 3)
        let made = [ObservedNetwork(id: "1", name: "astro_b", labels: [:])]
        #expect(some.kept(by: [], made).networks == ["astro_b"])
        // What was written down before networks were counted.
        #expect(Reservation().counted(as: some, made).networks == ["astro_b"])
        #expect(Reservation().counted(as: Reservation(), made).networks == [])

        var stack = Stack(id: Self.web, files: ["compose.yaml"])
        for key in ["a", "b"] { stack.networks[key] = Stack.Network(name: "astro_\(key)") }
        let question = LedgerQuestion(
            stack,
            needs: some,
            wants: some,
            in: Ledger([
                Self.web: Reservation(networks: ["astro_a"]),
                Self.db: Reservation(networks: ["astro_c"]),
            ]),
            under: Quota(networks: 2)
        )
        let finding = try #require(question.objections.first)
        #expect(
            finding.message
                == "quotas.networks of the project is 2: 2 used (astro/db 1, astro/web 1), "
                + "nothing left, and this asks for 1 network more"
        )
        #expect(finding.field == FieldPath("networks", "b"))
    }

    private func objections(
        _ held: [StackID: Reservation],
        _ wanted: Reservation,
        _ quotas: Quota
    ) -> [Diagnostic] {
        var stack = Stack(id: Self.web, files: ["compose.yaml"])
        stack.services["web"] = Service(image: "httpd")
        return LedgerQuestion(stack, needs: wanted, wants: wanted, in: Ledger(held), under: quotas)
            .objections
    }

    @Test func deniesGrowthBeyondAQuotaAndSaysWhoHasWhat() throws {
        let held = [
            Self.web: Reservation([Self.share("web", "1", 1, gibibytes: 1)]),
            Self.db: Reservation([Self.share("db", "1", 1, gibibytes: 2)]),
            // Another project's.
            Self.id("bio/web"): Reservation([Self.share("web", "1", 9, gibibytes: 9)]),
        ]
        let wanted = Reservation([Self.share("web", "2", 2, gibibytes: 1)])
        let quotas = Quota(memory: .gibibytes(3))
        let finding = try #require(objections(held, wanted, quotas).first)
        #expect(
            finding.message
                == "quotas.memory of the project is 3 GiB: 3 GiB used (astro/db 2 GiB, "
                + "astro/web 1 GiB), nothing left, and this asks for 1 GiB of memory more"
        )
        #expect(finding.field == FieldPath("services", "web"))
        #expect(finding.fix?.contains("gyre usage astro") == true)
        #expect(objections(held, wanted, Quota(memory: .gibibytes(4))) == [])
    }

    @Test("What is over a quota stays, and may shrink; it may not grow")
    func lowered() {
        let held = [Self.web: Reservation([Self.share("web", "1", 4, gibibytes: 1)])]
        let quotas = Quota(containers: 2, memory: .gibibytes(2))
        func wants(_ replicas: Int) -> [String] {
            objections(held, Reservation([Self.share("web", "1", replicas, gibibytes: 1)]), quotas)
                .map(\.code)
        }
        #expect(wants(4) == [] && wants(3) == [])
        #expect(wants(5) == ["project-quota", "project-quota"])
    }

    @Test(
        "Amounts are told as people write them",
        arguments: [
            (.cpus, 1_500_000_000, "1.5 CPUs"), (.cpus, 2_000_000_000, "2 CPUs"),
            (.cpus, 1_000_000_000, "1 CPU"), (.cpus, 10_000_000, "0.01 CPUs"),
            (.memory, 1 << 30, "1 GiB of memory"), (.containers, 1, "1 container"),
            (.ports, 3, "3 ports"), (.networks, 1, "1 network"), (.networks, 12, "12 networks"),
            (.pids, 1, "1 process"), (.replicas, 1, "1 replica"),
        ] as [(QuotaKind, Int64, String)]
    )
    func amounts(kind: QuotaKind, amount: Int64, text: String) {
        #expect(kind.text(amount) == text)
    }
}
