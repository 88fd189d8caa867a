#if DEBUG
    import Core
    import Store

    /// A worker that ends inside a batch of T9, in a store of its own: what was kept there is not what the other checks look for.
    ///
    /// Many were told something in the app and nothing elsewhere. The second start makes whole what the first one began.
    struct KeptStore {
        private let world: KillWorld
        private let point: CrashPoint
        private let settings: String
        private let run: RunDirectory
        /// More than a batch.
        private static let count = 150

        static func ends(at point: CrashPoint) -> Bool {
            point == .insideRotation || point == .insideErasure || point == .insideRetention
        }

        init(in world: KillWorld, _ point: CrashPoint, number: Int) throws {
            (self.world, self.point) = (world, point)
            let name = "kept-\(point.rawValue)-\(number)"
            settings = try world.settings(withStore: name)
            run = RunDirectory(world.directory, store: name)
        }

        /// Nil, or what is wrong.
        func run() async throws -> String? {
            let events = run.data + ".jsonl"
            let lines = (1...Self.count).flatMap(events(of:)).map { String(decoding: $0.bytes, as: UTF8.self) + "\n" }
            try TextFile.write(lines.joined(), to: events)
            try await clarion("event", "send", events)
            try await clarion("worker", "--until-quiet")
            switch point {
            case .insideErasure: try await clarion("customer", "erase", customer(1), "--reason", "test")
            case .insideRotation: try await clarion("keys", "rotate", "--reason", "test")
            default: break
            }
            let environment = point == .insideRetention ? ["CLARION_RETENTION_CONTACTS": "1s", "CLARION_RETENTION_INBOX": "1s"] : [:]
            // Inside its second batch.
            let ended = try await world.worker(endingAt: point, pass: 2, settings: settings, environment: environment).ended()
            guard ended == -9 else { return "ended with \(ended)" }
            try await clarion("worker", "--until-quiet", environment: environment)
            return try await found()
        }

        private func clarion(_ arguments: String..., environment: [String: String] = [:]) async throws {
            let child = try await ChildProcess(
                world.program, arguments + ["--config", settings], environment: environment, ready: nil, in: run)
            let status = await child.ended()
            guard status == 0 else { throw ChildProblem("\(arguments) ended with \(status): \(child.text)") }
        }

        private func found() async throws -> String? {
            let audit = try SQLiteStore.openReadOnly(directory: run.data, keys: try run.keys())
            let facts = try await StoreFacts.gather(from: audit, ids: [])
            let state = try await audit.read { try $0.keeping() }
            let (first, last) = (customer(1), customer(Self.count))
            let inboxes = try await audit.read { reader in
                try [first, last].map { try reader.inbox(customer: $0, unreadOnly: false, before: nil, limit: Self.count).count }
            }
            await audit.close()
            guard facts.chainBreak == nil, facts.integrity.isEmpty else { return "\(facts.chainBreak ?? "") \(facts.integrity)" }
            guard state.erasing == 0, !state.isWrapping else { return "\(state)" }
            switch point {
            case .insideErasure, .insideRetention: return inboxes == [0, 0] ? nil : "inboxes have \(inboxes), dropped \(state.dropped)"
            default: return inboxes[0] > 0 && inboxes[0] == inboxes[1] ? nil : "inboxes have \(inboxes)"
            }
        }

        /// One for all orders when they are erased, else one for each.
        private func customer(_ n: Int) -> String { point == .insideErasure ? "KEPT" : "KEPT-\(n)" }

        /// Told, and over: nothing is needed any more for its sake.
        private func events(of n: Int) -> [JSON] {
            [("detected", "held"), ("resolved", "in_balance")].enumerated().map { place, stage in
                let time = (Timestamp(milliseconds: 1_790_000_000_000) + .seconds(Int64(place))).description
                var data: [(String, JSON)] = [
                    ("schema", 1), ("payout_id", .string("KEPT\(n)")), ("seq", .integer(place + 1)), ("anomaly_id", .string("kept-\(n)")),
                    ("kind", "risk_hold"), ("stage", .string(stage.0)), ("funds_state", .string(stage.1)), ("occurred_at", .string(time)),
                    ("channel", "modulr"), ("rail", "uk_fps"), ("bank", ["code": "BARCGB22", "name": "Barclays"]),
                    ("amount", ["minor": 1000, "currency": "GBP"]), ("submitted_at", .string(time)),
                    ("customer", ["id": .string(customer(n)), "locale": "en"]),
                ]
                data.append(place == 1 ? ("outcome", "refunded") : ("reason", ["source": "internal", "code": "RISK_MATERIALS_NEEDED"]))
                return [
                    "specversion": "1.0", "id": .string("kept-\(n)-\(place)"), "source": "/kept",
                    "type": .string("com.example.payout.anomaly.\(stage.0)"), "subject": .string("KEPT\(n)"), "time": .string(time),
                    "data": .object(data),
                ]
            }
        }
    }
#endif
