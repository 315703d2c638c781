internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Model
internal import NIOCore
internal import Reconciliation

/// Where a request leads: decode, ask, encode; nothing else.
struct ControlRoutes: Sendable {
    let control: any Control

    func router() -> Router<ControlContext> {
        let router = Router(context: ControlContext.self)
        router.add(middleware: FailureResponses())
        let v1 = router.group("v1")
        v1.get("version") { _, _ in try await answer(control.version()) }
        v1.get("status") { _, _ in try await answer(control.status()) }
        v1.get("usage") { _, _ in try await answer(control.usage()) }
        v1.get("nodes") { _, _ in try await answer(control.nodes()) }
        v1.get("volumes") { request, _ in
            try await answer(control.volumes(of: stack(in: request)))
        }
        v1.post("nodes/:node/drain") { _, context in
            try await control.drain(context.node(), by: await context.person())
            return try answer(Done())
        }
        v1.post("nodes/:node/undrain") { _, context in
            try await control.undrain(context.node(), by: await context.person())
            return try answer(Done())
        }
        v1.post("nodes/:node/fence") { _, context in
            try await control.fence(context.node(), by: await context.person())
            return try answer(Done())
        }
        v1.post("nodes/:node/accept") { _, context in
            try await control.accept(context.node(), by: await context.person())
            return try answer(Done())
        }
        v1.get("policy") { request, _ in try await answer(control.policyReport(of: scope(request)))
        }
        v1.get("history") { request, _ in try await history(request) }
        v1.post("sync") { request, context in
            let person = await context.person()
            if request.uri.queryParameters.get("wait") == "true" {
                return try await answer(control.syncAndWait(stack(in: request), by: person))
            }
            try await control.sync(stack(in: request), by: person)
            return try answer(Done())
        }
        v1.get("recovery") { _, _ in try await answer(control.recoveryFindings()) }
        v1.post("recovery") { request, context in
            let names = try await names(in: request, context)
            return try await answer(control.recover(by: await context.person(), taking: names))
        }
        addStacks(to: v1.group("stacks/:project/:stack"))
        return router
    }

    private func addStacks(to stacks: RouterGroup<ControlContext>) {
        stacks.get("plan") { _, context in try await answer(control.plan(context.stack())) }
        stacks.get("diff") { _, context in try await answer(control.diff(context.stack())) }
        stacks.post("confirm") { request, context in
            let demand = try await request.decode(as: ConfirmDemand.self, context: context)
            let person = await context.person()
            try await control.confirm(context.stack(), change: demand.change, by: person)
            return try answer(Done())
        }
        stacks.get("enforcement") { _, context in
            try await answer(control.enforcement(of: context.stack()))
        }
        stacks.post("enforcement") { request, context in
            let demand = try await request.decode(as: ConfirmDemand.self, context: context)
            let person = await context.person()
            try await control.enforce(context.stack(), change: demand.change, by: person)
            return try answer(Done())
        }
        stacks.post("volumes/removal") { request, context in
            let demand = try await request.decode(as: VolumeDemand.self, context: context)
            try await control.removeVolume(
                demand.volume,
                of: context.stack(),
                change: demand.change,
                by: await context.person()
            )
            return try answer(Done())
        }
        stacks.post("volumes/export") { request, context in
            let question = try await request.decode(as: VolumeQuestion.self, context: context)
            let person = await context.person()
            let archive = try await control.exportVolume(question, of: context.stack(), by: person)
            return context.response(archive)
        }
        stacks.post("release") { _, context in
            let count = try await control.release(context.stack(), by: await context.person())
            return try answer(ReleaseAnswer(released: count))
        }
        stacks.post("rollback") { request, context in
            let demand = try await request.decode(as: RollbackDemand.self, context: context)
            let person = await context.person()
            return try await answer(control.rollback(context.stack(), demand, by: person))
        }
    }

    /// Names of doubtful objects; an empty body names none.
    private func names(
        in request: Request,
        _ context: ControlContext
    ) async throws -> Set<String> {
        let body = try await request.body.collect(upTo: context.maxUploadSize)
        guard body.readableBytes > 0 else { return [] }
        do {
            let bytes = Array(body.readableBytesView)
            return Set(try ControlCoding.decode(RecoveryDemand.self, from: bytes).take)
        } catch {
            throw ControlFailure(.badRequest, "the request can't be read")
        }
    }

    private func history(_ request: Request) async throws -> Response {
        let limit = request.uri.queryParameters.get("limit").map { Int($0) ?? 0 } ?? 20
        guard (1...HistoryQuery.maximum).contains(limit) else {
            throw ControlFailure(.badRequest, "limit is 1 to \(HistoryQuery.maximum)")
        }
        let run = request.uri.queryParameters.get("run")
        return try await answer(
            control.history(HistoryQuery(stack: stack(in: request), run: run, limit: limit))
        )
    }

    private func stack(in request: Request) throws -> StackID? {
        try request.uri.queryParameters.get("stack").map { try StackID(parsing: $0) }
    }

    private func scope(_ request: Request) throws -> PolicyScope {
        if let stack = try stack(in: request) { return .stack(stack) }
        let project = request.uri.queryParameters.get("project")
        return project.map(PolicyScope.project) ?? .all
    }

    private func answer(_ value: some Encodable) throws -> Response {
        try Response(value, status: .ok)
    }
}

/// Turns every error into a status and a ``ControlFailure``.
struct FailureResponses: RouterMiddleware {
    func handle(
        _ request: Request,
        context: ControlContext,
        next: @concurrent (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as any HTTPResponseError {
            return try Response(ControlFailure(refusedWith: error.status, request.uri.path))
        } catch {
            return try Response(ControlFailure(error))
        }
    }
}

extension ControlFailure {
    /// What the router itself refuses.
    init(refusedWith status: HTTPTypes.HTTPResponse.Status, _ path: String) {
        switch status {
        case .notFound:
            self.init(.unknownRoute, "there is no \(path)", remedy: "see Docs/CommandLine.md")
        case .contentTooLarge: self.init(.tooLarge, "the request is too large")
        default: self.init(.badRequest, "the request can't be read")
        }
    }
}

extension Response {
    init(_ failure: ControlFailure) throws {
        try self.init(failure, status: .init(code: failure.status))
    }

    init(_ value: some Encodable, status: HTTPTypes.HTTPResponse.Status) throws {
        let bytes = try ControlCoding.encode(value)
        self.init(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
