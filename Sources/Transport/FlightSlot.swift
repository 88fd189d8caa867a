import Glibc
import Synchronization

/// How far an attempt has come. Stored by number: never changed.
public enum FlightPhase: UInt8, Sendable, Comparable, CaseIterable {
    /// Its intent is committed, or about to be.
    case intent = 1
    /// There is a connection, and no byte of the request.
    case connected
    /// From here on the provider may have it. For mail: the body, without which no server takes a mail (RFC 5321 4.1.1.4).
    case requestStarted
    /// Something of an answer came.
    case firstByte
    /// The answer is understood, and not ambiguous.
    case parsed

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What a parsed answer said.
public enum FlightAnswer: Sendable, Equatable {
    /// With the provider's id of the message; empty when it gives none, or one longer than `FlightSlot.longestID`.
    case taken(id: String)
    /// In words: it provably was not taken.
    case notTaken
}

/// Where one attempt's phase is written. It is handed on with the attempt, and whoever has the attempt is the only one who writes:
///
/// | who | what |
/// |---|---|
/// | the store's thread, in T3 | claims it: `intent` |
/// | the loop or mail thread that has the transfer | `connected`, `requestStarted`, `firstByte` |
/// | the task that collects what came back | `parsed` with the answer; `intent` again before a second sending with a new credential |
/// | the same, after T4 | frees it |
///
/// Each hands over to the next under a lock, so the next one sees what was written. The next process sees it too: a killed thread has done all
/// stores before the instruction it was stopped at, and none after. The state is one word, written at once and last (release), with a check
/// that covers everything it speaks of; so a slot is either what it was or what it was to become.
///
/// `@unchecked Sendable`: written and read by the one who has the attempt, in the order of the table; each hand-over is under a lock.
public struct FlightSlot: @unchecked Sendable {
    public static let longestID = FlightRecorder.slotSize - idPlace
    static let nameSize = 32
    static let statePlace = 32
    static let idPlace = 40

    /// From 1; 0 in an attempt's row says that it has none.
    public let number: Int
    private let place: UnsafeMutableRawPointer
    /// Of slot number and attempt.
    private let check: FlightCheck

    /// Claims it. Nil for an id that does not fit.
    init?(_ number: Int, of attempt: String, in file: FlightFile) {
        guard let name = Self.words(of: attempt) else { return nil }
        (self.number, place, check) = (number, file.slot(number), Self.check(number, name))
        withUnsafeBytes(of: name) { place.copyMemory(from: $0.baseAddress!, byteCount: Self.nameSize) }
        store(.intent)
    }

    /// Raises the phase; never lowers it.
    public func advance(to phase: FlightPhase) {
        if isBelow(phase) { store(phase) }
    }
    func isBelow(_ phase: FlightPhase) -> Bool { UInt8(truncatingIfNeeded: state.pointee.load(ordering: .relaxed)) < phase.rawValue }

    /// Nothing of the attempt was taken, and it is sent once more.
    public func restart() { store(.intent) }

    public func parsed(_ answer: FlightAnswer) {
        guard case .taken(let id) = answer else { return store(.parsed, answer: 2) }
        var utf8 = id
        utf8.withUTF8 { bytes in
            let bytes = bytes.count <= Self.longestID ? UnsafeRawBufferPointer(bytes) : UnsafeRawBufferPointer(start: nil, count: 0)
            if let start = bytes.baseAddress, !bytes.isEmpty {
                (place + Self.idPlace).copyMemory(from: start, byteCount: bytes.count)
            }
            store(.parsed, answer: 1, id: bytes)
        }
    }

    func clear() { state.pointee.store(0, ordering: .releasing) }

    private func store(_ phase: FlightPhase, answer: UInt8 = 0, id: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        state.pointee.store(Self.word(phase.rawValue, answer, id, check), ordering: .releasing)
    }

    private var state: UnsafeMutablePointer<Atomic<UInt64>> { (place + Self.statePlace).assumingMemoryBound(to: Atomic<UInt64>.self) }

    // MARK: what both sides compute

    typealias Name = (UInt64, UInt64, UInt64, UInt64)

    static func words(of attempt: String) -> Name? {
        var name: Name = (0, 0, 0, 0)
        let isWhole = withUnsafeMutableBytes(of: &name) { place in
            guard (1...nameSize).contains(attempt.utf8.count) else { return false }
            return attempt.utf8.withContiguousStorageIfAvailable { place.copyBytes(from: $0) } != nil
        }
        return isWhole ? name : nil
    }

    static func check(_ number: Int, _ name: Name) -> FlightCheck {
        var check = FlightCheck()
        for word in [UInt64(number), name.0, name.1, name.2, name.3] { check.mix(word) }
        return check
    }

    static func word(_ phase: UInt8, _ answer: UInt8, _ id: UnsafeRawBufferPointer, _ check: FlightCheck) -> UInt64 {
        let low = UInt64(phase) | UInt64(answer) << 8 | UInt64(id.count) << 16
        var check = check
        check.mix(low)
        check.mix(id)
        return low | check.half
    }
}
