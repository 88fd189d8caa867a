/// What happened, once, for ever. `body` holds codes, ids and pseudonyms: no address, no amount, no name.
public struct LogEntry: Sendable {
    public enum Act: String, Sendable, CaseIterable {
        case eventAccepted = "event_accepted"
        case eventConflict = "event_conflict"
        case eventRejected = "event_rejected"
        case decision
        case delivery
        case intent, outcome
        /// What a provider said later of a message.
        case receipt
        case cancelled
        /// A delivery was due and waits, because an operator holds it.
        case held
        case timer
        case deadLetter = "dead_letter"
        /// An address became one that cannot be used, or was verified again.
        case address
        /// A provider's account is tried no more, or is again.
        case account
        /// A message of ours that tries an account: to nobody's customer, about no payout.
        case providerTest = "provider_test"
        case review
        case incident
        case seen, read
        case `operator`
        /// A customer's data key was destroyed.
        case erasure
        /// Texts were submitted, approved, rejected, published, stopped or taken back.
        case templates
        /// A customer spoke with support about an order.
        case contact
        /// What was too old was dropped.
        case retention
        /// Data keys were wrapped with another master key.
        case keys
        case start
        /// The machine's clock was set, or runs wrong; or what was found to last was followed.
        case clock
    }
    public var act: Act
    public var at: Timestamp
    public var order: OrderNumber?
    public var event: EventSeq?
    public var notice: NoticeID?
    public var delivery: DeliveryID?
    /// The attempt whose intent or outcome this is.
    public var attempt: AttemptID?
    public var body: JSON
    public init(
        _ act: Act, at: Timestamp, order: OrderNumber? = nil, event: EventSeq? = nil, notice: NoticeID? = nil, delivery: DeliveryID? = nil,
        body: JSON
    ) {
        (self.act, self.at, self.order, self.event, self.notice, self.delivery, self.body) = (act, at, order, event, notice, delivery, body)
    }
}

/// What a row of the log says, as the bytes that are kept and hashed: canonical JSON.
public struct LogBody: Sendable {
    public let bytes: [UInt8]
    public init(_ json: JSON) { bytes = json.canonicalBytes }

    /// Written member by member in the order of their names, without a tree between: of rows that every delivery has.
    public init(_ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter(capacity: 256)
        writer.open()
        write(&writer)
        writer.close()
        bytes = writer.bytes
        #if DEBUG
            do throws(JSONProblem) {
                let isCanonical = try JSON(parsing: bytes).canonicalBytes == bytes
                precondition(isCanonical, "members are not written in the order of their names")
            } catch { preconditionFailure("\(error)") }
        #endif
    }

    public static let null = LogBody(JSON.null)
}

public struct LogRow: Sendable {
    public var seq: Int64
    public var entry: LogEntry
    /// SHA-256 over the previous hash and the row's canonical bytes.
    public var hash: [UInt8]
    public init(seq: Int64, entry: LogEntry, hash: [UInt8]) { (self.seq, self.entry, self.hash) = (seq, entry, hash) }
}

public struct ChainBreak: Sendable, Equatable {
    public var seq: Int64
    public var words: String
    public init(seq: Int64, words: String) { (self.seq, self.words) = (seq, words) }
}
