import Core
import Glibc

/// What the last process left in its recorder, read once at start. Whatever is not whole counts as absent: a file of another boot, of another
/// size than it says, that others can read, or that holds anything else; and a slot whose check fails or that has another attempt.
public struct FlightLog: Sendable {
    /// Of the running kernel.
    public let bootID: String
    private let slots: [UInt8]
    /// Nothing is known of any attempt.
    public let isAbsent: Bool

    /// What is known of one attempt.
    public enum Found: Sendable, Equatable {
        /// No byte of the request has left.
        case notStarted
        /// It may have been taken or not.
        case inDoubt
        case answered(FlightAnswer)
    }

    private init(bootID: String, slots: [UInt8]?) { (self.bootID, self.slots, isAbsent) = (bootID, slots ?? [], slots == nil) }

    public static func absent(bootID: String) -> FlightLog { FlightLog(bootID: bootID, slots: nil) }

    init(bytes: [UInt8], bootID: String) { self.init(bootID: bootID, slots: Self.slots(in: bytes, bootID: bootID)) }

    /// - Parameter bootID: of the running kernel.
    public static func read(directory: String, bootID: String) -> FlightLog {
        FlightLog(bootID: bootID, slots: bytes(of: directory + "/" + FlightRecorder.name).flatMap { slots(in: $0, bootID: bootID) })
    }

    /// - Parameters:
    ///   - slot: as the attempt's row has it.
    ///   - attempt: its public id.
    /// - Returns: nil when nothing is known.
    public func found(_ attempt: String, inSlot slot: Int) -> Found? {
        guard let phase = phase(of: attempt, inSlot: slot) else { return nil }
        return switch phase {
        case .intent, .connected: .notStarted
        case .requestStarted, .firstByte: .inDoubt
        case .parsed: answer(inSlot: slot).map { .answered($0) }
        }
    }

    /// Nil when nothing is known.
    public func phase(of attempt: String, inSlot slot: Int) -> FlightPhase? {
        guard slot > 0, slot <= slots.count / FlightRecorder.slotSize, let name = FlightSlot.words(of: attempt) else { return nil }
        return slots.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[((slot - 1) * FlightRecorder.slotSize)...].prefix(FlightRecorder.slotSize))
            guard withUnsafeBytes(of: name, { part.prefix(FlightSlot.nameSize).elementsEqual($0) }) else { return nil }
            let state = part.loadUnaligned(fromByteOffset: FlightSlot.statePlace, as: UInt64.self)
            let (phase, answer, length) = (UInt8(truncatingIfNeeded: state), UInt8(truncatingIfNeeded: state >> 8), Int(state >> 16 & 0xFF))
            guard length <= FlightSlot.longestID else { return nil }
            let id = UnsafeRawBufferPointer(rebasing: part[FlightSlot.idPlace...].prefix(length))
            guard state == FlightSlot.word(phase, answer, id, FlightSlot.check(slot, name)) else { return nil }
            return FlightPhase(rawValue: phase)
        }
    }

    /// Of a slot that was checked.
    private func answer(inSlot slot: Int) -> FlightAnswer? {
        let part = slots[((slot - 1) * FlightRecorder.slotSize)...].prefix(FlightRecorder.slotSize)
        let state = part.dropFirst(FlightSlot.statePlace).prefix(8)
        guard let answer = state.dropFirst().first, let length = state.dropFirst(2).first else { return nil }
        switch answer {
        case 1: return String(validating: part.dropFirst(FlightSlot.idPlace).prefix(Int(length)), as: UTF8.self).map { .taken(id: $0) }
        case 2: return .notTaken
        default: return nil
        }
    }

    // MARK: the file

    private static func slots(in bytes: [UInt8], bootID: String) -> [UInt8]? {
        guard bytes.count > FlightRecorder.headSize else { return nil }
        let size = bytes.count - FlightRecorder.headSize
        let head = FlightHead(slots: size / FlightRecorder.slotSize, bootID: bootID).bytes
        let isOurs = bytes.prefix(FlightHead.size).elementsEqual(head) || PlantedBug.believesEveryRecorder.isActive
        guard size % FlightRecorder.slotSize == 0, isOurs else { return nil }
        return Array(bytes.dropFirst(FlightRecorder.headSize))
    }

    /// Read, not mapped: a file that is cut off meanwhile is no SIGBUS. Nil when there is none of our own.
    private static func bytes(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 == 0, status.st_uid == geteuid(),
            (1...largest).contains(status.st_size)
        else { return nil }
        let size = Int(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { place, filled in
            while filled < size {
                let count = Glibc.read(file, place.baseAddress! + filled, size - filled)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                filled += count
            }
        }
        return bytes.count == size ? bytes : nil
    }
    /// A million slots.
    private static let largest = 256 << 20
}
