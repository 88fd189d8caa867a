public import Core
import Crypto
public import Store

/// T1: reads, checks and stores events, and only then says so.
public struct Intake: Sendable {
    public let store: any Store
    public let reader: EventReader
    public let clock: any Clock
    /// Told after a commit that holds new work.
    public let accepted: Signal
    /// Where the planner looks first; nil where none runs in this process.
    private let fresh: FreshEvents?
    private let through: Through?
    /// Nil: everything is taken.
    private let admission: Admission?
    private let isUrgent: @Sendable (Event) -> Bool

    public init(store: any Store, reader: EventReader, clock: any Clock, accepted: Signal, fresh: FreshEvents? = nil) {
        self.init(store: store, reader: reader, clock: clock, accepted: accepted, fresh: fresh, through: nil, admission: nil) { _ in false }
    }

    init(
        store: any Store, reader: EventReader, clock: any Clock, accepted: Signal, fresh: FreshEvents?, through: Through?,
        admission: Admission?, isUrgent: @escaping @Sendable (Event) -> Bool
    ) {
        (self.store, self.reader, self.clock, self.accepted, self.fresh, self.through) = (store, reader, clock, accepted, fresh, through)
        (self.admission, self.isUrgent) = (admission, isUrgent)
    }

    /// Where an event came in.
    public enum Origin: Sendable, Hashable {
        /// Nobody waits for an answer: what is refused becomes a dead letter. The name says which queue or file.
        case queue(String)
        /// The producer gets the refusal and keeps the event.
        case http
    }

    public enum Answer: Sendable {
        case accepted(id: String, EventSeq)
        case duplicate(id: String, EventSeq)
        case conflict(id: String, EventSeq)
        case refused(EventRefusal)
    }

    /// One raw event and the moment it came in; nil is now.
    public struct Raw: Sendable {
        public var bytes: [UInt8]
        public init(_ bytes: [UInt8]) { self.bytes = bytes }
    }

    /// One transaction for all of them; the answers are in the same order. Throws when the store does, or `Admission.Refusal`: then nothing was
    /// accepted.
    public func accept(_ items: [Raw], from origin: Origin) async throws -> [Answer] {
        #if DEBUG
            CrashPoint.pass(.bodyRead)
        #endif
        let now = clock.now()
        let read = items.map { item -> (Raw, Result<EventReader.Accepted, EventRefusal>) in
            do throws(EventRefusal) { return (item, .success(try reader.read(item.bytes, now: now))) } catch {
                return (item, .failure(error))
            }
        }
        try await admission?.check(
            isUrgent: read.contains { item in if case .success(let accepted) = item.1 { isUrgent(accepted.event) } else { false } })
        let work: @Sendable (any StoreWriter) throws -> Batch = { writer in
            var filed = Batch()
            for (item, result) in read {
                switch result {
                case .success(let accepted):
                    let answer = try Self.file(accepted, now: now, writer)
                    if case .accepted(_, let seq) = answer { filed.new.append((seq, accepted.event)) }
                    filed.answers.append(answer)
                case .failure(let refusal):
                    filed.answers.append(try Self.refuse(item, refusal, origin: origin, now: now, writer))
                }
            }
            #if DEBUG
                if !filed.new.isEmpty { CrashPoint.pass(.insideT1) }
            #endif
            return filed
        }
        let taken = try await through?.take(items.count, work)
        let filed: Batch
        if let taken { filed = taken.filed } else { filed = try await store.write(work) }
        #if DEBUG
            if !filed.new.isEmpty { CrashPoint.pass(.afterT1) }
        #endif
        if !filed.new.isEmpty, taken?.isPlanned != true {
            fresh?.keep(filed.new)
            accepted.notify()
        }
        return filed.answers
    }

    /// What became of a batch, and of it what is to be planned.
    struct Batch: Sendable {
        var answers: [Answer] = []
        var new: [(EventSeq, Event)] = []
    }

    private static func file(_ read: EventReader.Accepted, now: Timestamp, _ writer: any StoreWriter) throws -> Answer {
        let event = read.event
        let result = try writer.accept(
            NewEvent(
                source: event.source, id: event.id, contentHash: Array(SHA256.hash(data: read.content)), order: event.order,
                customer: event.customer, type: event.type, time: event.time, receivedAt: now, body: read.cleaned))
        switch result {
        case .accepted(let seq):
            try writer.append(
                LogEntry(.eventAccepted, at: now, order: event.order, event: seq, body: .null),
                saying: LogBody { log in
                    log.member("id", event.id)
                    log.member("received_at", now)
                    log.member("source", event.source)
                    log.member("time", event.time)
                    log.member("type", event.type)
                })
            return .accepted(id: event.id, seq)
        case .duplicate(let seq):
            return .duplicate(id: event.id, seq)
        case .conflict(let seq):
            try writer.append(
                LogEntry(
                    .eventConflict, at: now, order: event.order, event: seq,
                    body: ["id": .string(event.id), "source": .string(event.source), "reason": "same id, other content: the first wins"]))
            return .conflict(id: event.id, seq)
        }
    }

    /// Size, hash and the rule that was broken are kept, never the content.
    private static func refuse(_ item: Raw, _ refusal: EventRefusal, origin: Origin, now: Timestamp, _ writer: any StoreWriter) throws
        -> Answer
    {
        guard case .queue(let name) = origin else { return .refused(refusal) }
        let reason = refusal.problems.first?.field ?? ""
        let id = try writer.insert(
            DeadLetter(
                stage: .intake, reason: reason.isEmpty ? "event" : reason, detail: refusal.description, source: name,
                size: item.bytes.count,
                digest: Array(SHA256.hash(data: item.bytes)), at: now))
        try writer.append(
            LogEntry(
                .eventRejected, at: now,
                body: ["source": .string(name), "reason": .string(refusal.description), "dead_letter": .integer(id)]))
        return .refused(refusal)
    }
}
