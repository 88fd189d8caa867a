import Core

/// The next thing to be done for the index that searches go by (T10): what is filed is searched row by row until a worker has indexed it.
///
/// A block of 512 notices is claimed first, then read beside the work, then saved. Whatever changes in it from the claim on makes it stale, so that
/// what was read before the change is not taken for what is there.
public enum SearchWork: Sendable {
    case claim(block: Int64)
    case save(SearchBlock)
}

/// What a block's deliveries can be found by.
public struct SearchBlock: Sendable {
    let number: Int64
    /// Changes in it so far, as this was read.
    let changes: Int64
    /// The earliest and latest of its deliveries, by when they were planned.
    let first, last: Timestamp
    let words: [(field: SearchField, word: String, places: [UInt8])]
}

/// What a delivery is indexed by. Stored for ever: never changed, never used again.
enum SearchField: Int64 {
    /// There is one.
    case all = 0
    case channel = 1
    case state = 2
    case account = 3
    case priority = 4
    /// Its own, or its notice's.
    case reason = 5
    case kind = 6
    case stage = 7
    case locale = 8
    case bank = 9
    case rail = 10
    /// An item in the app: `yes` or `no`.
    case read = 11
    /// `FoundDelivery.Standing`, `DeliveryCounts.Topic`, and the reason that is counted: words that are counted together.
    case standing = 12
    case topic = 13
    case toldReason = 14

    init(_ field: DeliveryFilter.Field) {
        self =
            switch field {
            case .channel: .channel
            case .state: .state
            case .account: .account
            case .priority: .priority
            case .reason: .reason
            case .kind: .kind
            case .stage: .stage
            case .locale: .locale
            case .bank: .bank
            case .rail: .rail
            }
    }
}
