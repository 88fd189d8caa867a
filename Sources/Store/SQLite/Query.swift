import CSQLite
import Core
import Synchronization

/// One SQL text. It is put together from literals only, so no value can get into it (S21); values are bound.
final class Query: Sendable {
    let text: String
    /// Its place in a connection's table of prepared statements.
    let index: Int
    private static let count = Atomic(0)
    init(_ parts: StaticString...) {
        text = parts.map { $0.withUTF8Buffer { String(decoding: $0, as: UTF8.self) } }.joined()
        index = Self.count.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}

/// Binds the values of one statement, in the order of its `?`. Generic over each value, not over a list of them: lists of types are put
/// together at run time, and cost twenty times what the binding costs.
struct Binder {
    private let statement: OpaquePointer
    private let values: BoundValues
    /// How many are bound.
    private(set) var count: Int32 = 0
    /// The first that was not `SQLITE_OK`.
    private(set) var code = SQLITE_OK
    init(_ statement: OpaquePointer, _ values: BoundValues) { (self.statement, self.values) = (statement, values) }

    mutating func callAsFunction(_ value: some Bindable) {
        count += 1
        let answer = value.bind(to: statement, at: count, values)
        if code == SQLITE_OK { code = answer }
    }
    mutating func callAsFunction(_ a: some Bindable, _ b: some Bindable) {
        self(a)
        self(b)
    }
    mutating func callAsFunction(_ a: some Bindable, _ b: some Bindable, _ c: some Bindable) {
        self(a, b)
        self(c)
    }
    mutating func callAsFunction(_ a: some Bindable, _ b: some Bindable, _ c: some Bindable, _ d: some Bindable) {
        self(a, b)
        self(c, d)
    }
    mutating func callAsFunction(
        _ a: some Bindable, _ b: some Bindable, _ c: some Bindable, _ d: some Bindable, _ e: some Bindable
    ) {
        self(a, b, c)
        self(d, e)
    }
    mutating func callAsFunction(
        _ a: some Bindable, _ b: some Bindable, _ c: some Bindable, _ d: some Bindable, _ e: some Bindable, _ f: some Bindable
    ) {
        self(a, b, c)
        self(d, e, f)
    }
}

/// A value that can stand for a `?`.
protocol Bindable {
    /// SQLite's result code. Texts and blobs are laid into `values`.
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32
}

extension Int64: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        sqlite3_bind_int64(statement, index, self)
    }
}
extension Int: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        sqlite3_bind_int64(statement, index, Int64(self))
    }
}
extension Bool: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        sqlite3_bind_int64(statement, index, self ? 1 : 0)
    }
}
extension Timestamp: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        sqlite3_bind_int64(statement, index, milliseconds)
    }
}
extension String: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        var copy = self
        return copy.withUTF8 { utf8 in
            let (bytes, isKept) = values.lay(UnsafeRawBufferPointer(utf8))
            return clarion_bind_text(statement, index, bytes?.assumingMemoryBound(to: CChar.self), Int32(utf8.count), isKept)
        }
    }
}
extension [UInt8]: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        withUnsafeBytes { own in
            let (bytes, isKept) = values.lay(own)
            return clarion_bind_blob(statement, index, bytes, Int32(own.count), isKept)
        }
    }
}
extension Optional: Bindable where Wrapped: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        switch self {
        case .some(let value): value.bind(to: statement, at: index, values)
        case .none: sqlite3_bind_null(statement, index)
        }
    }
}
extension OrderNumber: Bindable {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        description.bind(to: statement, at: index, values)
    }
}

/// Words are stored as they are written everywhere else: a person who opens the file can read its states.
extension Bindable where Self: RawRepresentable, RawValue == String {
    func bind(to statement: OpaquePointer, at index: Int32, _ values: BoundValues) -> Int32 {
        rawValue.bind(to: statement, at: index, values)
    }
}
extension Channel: Bindable {}
extension Kind: Bindable {}
extension Priority: Bindable {}
extension FundsState: Bindable {}
extension Resolution: Bindable {}
extension NoticeStage: Bindable {}
extension TextLocale: Bindable {}
extension Mode: Bindable {}
extension DeliveryState: Bindable {}
extension AttemptState: Bindable {}
extension ReasonCode: Bindable {}
extension Outcome.Class: Bindable {}
extension Audience: Bindable {}
extension Episode.Status: Bindable {}
extension StoredTimer.Step: Bindable {}
extension StoredTimer.State: Bindable {}
extension DeadLetter.Stage: Bindable {}
extension DeadLetter.State: Bindable {}
extension ReviewItem.Cause: Bindable {}
extension LogEntry.Act: Bindable {}
extension ReceiptStatus: Bindable {}
extension RetentionClass: Bindable {}
extension TemplateRevision.State: Bindable {}
extension Rollout.State: Bindable {}
extension Blame: Bindable {}

/// The row a statement stands on, by column index from 0. Valid inside the closure it is given to only.
struct Row {
    let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func bool(_ column: Int32) -> Bool { int(column) != 0 }
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: int(column)) }
    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
    }
    func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }

    /// Of a text or a blob; valid until the statement moves on.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let bytes = sqlite3_column_blob(statement, column) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column)))
    }

    func intOrNil(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }
    func timeOrNil(_ column: Int32) -> Timestamp? { isNull(column) ? nil : time(column) }
    func textOrNil(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }
    func blobOrNil(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// One of our closed words. A word that is not in the list means the file was changed by someone else.
    func word<Word: RawRepresentable>(_ column: Int32, _: Word.Type = Word.self) throws -> Word where Word.RawValue == String {
        guard let word = Word(rawValue: text(column)) else { throw StoreError.integrity("\(name(column)) holds no \(Word.self)") }
        return word
    }
    func wordOrNil<Word: RawRepresentable>(_ column: Int32, _: Word.Type = Word.self) throws -> Word? where Word.RawValue == String {
        isNull(column) ? nil : try word(column)
    }
    func order(_ column: Int32) throws -> OrderNumber {
        guard let order = OrderNumber(text(column)) else { throw StoreError.integrity("\(name(column)) holds no order number") }
        return order
    }
    func orderOrNil(_ column: Int32) throws -> OrderNumber? { isNull(column) ? nil : try order(column) }

    private func name(_ column: Int32) -> String { sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "a column" }
}
