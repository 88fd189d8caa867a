import Glibc
import Synchronization

/// How far each open attempt has come, in a file that outlives the process: `clarion.flight` in the store's directory, mode 0600, mapped into
/// memory. A slot is written with plain stores, so no attempt pays for a system call; the page cache survives SIGKILL, so nothing is flushed.
/// After a boot the file says nothing (`FlightLog`).
///
/// **What a slot proves.** It is claimed inside the transaction that commits the intent (T3), before COMMIT, and the intent's row names it; it
/// is given back after the commit of the outcome (T4). So whoever finds an open intent of this boot finds its attempt in that very slot, or the
/// file is not the one that was written. A slot that is missing therefore proves nothing, and no conclusion is drawn from one. Written only
/// before the bytes leave, an absent slot would have to prove that nothing was sent, and a damaged one would look the same.
///
/// The phase is raised before what it names may happen: *request started* is in memory before libcurl gets the request.
///
/// | bytes | head, 4096 |
/// |---|---|
/// | 0 … 7 | `CLFLIGHT` |
/// | 8 … 15 | version, size of a slot (4 bytes each) |
/// | 16 … 23 | how many slots follow |
/// | 24 … 87 | kernel boot id, filled up with 0 |
/// | 88 … 95 | check of all before |
///
/// | bytes | slot, 256 |
/// |---|---|
/// | 0 … 31 | the attempt's public id, filled up with 0: half of it is random, so it is no attempt of another store or of a transaction that was undone |
/// | 32 … 39 | state: phase, answer, length of the provider's id, 0 (a byte each), check of slot number, attempt, state and provider's id (4 bytes) |
/// | 40 … 255 | the provider's id |
///
/// Numbers have the machine's byte order: another machine has another boot id.
public final class FlightRecorder: Sendable {
    static let name = "clarion.flight"
    static let headSize = 4096
    static let slotSize = 256
    static let version: UInt32 = 1

    private let directory: String
    let file: FlightFile
    /// Slots nobody has; the one that was given back last is taken first. Locked once for many attempts.
    private let free: Mutex<[Int]>
    /// Nil: it is in a file.
    private let memory: FlightMemory?

    /// Makes the file, beside the last process's, which stays until `publish`.
    /// - Parameters:
    ///   - slots: more attempts may be open, without one.
    ///   - bootID: of the kernel, at most 64 bytes.
    public init(directory: String, slots: Int, bootID: String) throws(FlightProblem) {
        (self.directory, memory) = (directory, nil)
        file = try FlightFile(creating: directory + "/" + Self.name + ".new", slots: slots, bootID: bootID)
        free = Mutex((1...slots).reversed())
    }

    /// In memory of its own, for a simulated process: `left` is what the next one finds.
    package init(slots: Int, bootID: String) {
        let memory = FlightMemory(slots: slots)
        (directory, self.memory, file) = ("", memory, FlightFile(at: memory.base, slots: slots, bootID: bootID))
        free = Mutex((1...slots).reversed())
    }

    /// What stands in it now.
    package func left() -> FlightLog { memory.map { FlightLog(bytes: $0.bytes, bootID: file.bootID) } ?? .absent(bootID: file.bootID) }

    /// Puts it in the place of the last process's. Call when what that one left is settled, and before an attempt is begun.
    public func publish() throws(FlightProblem) {
        guard memory == nil else { return }
        let name = directory + "/" + Self.name
        guard rename(name + ".new", name) == 0 else { throw FlightProblem(name) }
    }

    /// For the attempts of one transaction.
    public func batch() -> FlightBatch { FlightBatch(self) }

    /// After the commit of the outcomes.
    public func release(_ slots: [FlightSlot]) {
        guard !slots.isEmpty else { return }
        for slot in slots { slot.clear() }
        free.withLock { free in for slot in slots { free.append(slot.number) } }
    }

    fileprivate func take(_ count: Int, into spare: inout [Int]) {
        free.withLock { free in
            let taken = min(count, free.count)
            spare += free[(free.count - taken)...]
            free.removeLast(taken)
        }
    }
    fileprivate func putBack(_ numbers: [Int]) {
        guard !numbers.isEmpty else { return }
        free.withLock { $0 += numbers }
    }
}

/// The slots of one transaction. Ends with `keep` or `abandon`; with neither when it is not known whether there was a commit: then the process
/// ends, and what was claimed is found as it is.
///
/// `@unchecked Sendable`: written and read by the store's thread alone while the transaction runs (`claim`, `drop`), and after the store has
/// answered by the task alone that asked for it (`keep`, `abandon`).
public final class FlightBatch: @unchecked Sendable {
    private let recorder: FlightRecorder
    private var spare: [Int] = []
    private var claimed: [FlightSlot] = []
    private static let portion = 16

    fileprivate init(_ recorder: FlightRecorder) { self.recorder = recorder }

    /// Nil when there is none left: after a kill nothing is known of this attempt.
    public func claim(_ attempt: String) -> FlightSlot? {
        if spare.isEmpty { recorder.take(Self.portion, into: &spare) }
        guard let number = spare.last, let slot = FlightSlot(number, of: attempt, in: recorder.file) else { return nil }
        spare.removeLast()
        claimed.append(slot)
        return slot
    }

    /// Its intent was not filed after all.
    public func drop(_ slot: FlightSlot) {
        claimed.removeAll { $0.number == slot.number }
        slot.clear()
        spare.append(slot.number)
    }

    /// The transaction was committed: the attempts have their slots.
    public func keep() {
        claimed = []
        recorder.putBack(spare)
        spare = []
    }

    /// The transaction was undone.
    public func abandon() {
        recorder.release(claimed)
        keep()
    }
}

/// Why there is no recorder.
public struct FlightProblem: Error, Sendable, CustomStringConvertible {
    public let description: String
    init(_ path: String, _ code: Int32 = errno) { description = "\(path): \(String(cString: strerror(code)))" }
}

/// The mapped file. It stays mapped until the process ends, which has one: a slot is a bare address then, and goes from hand to hand without
/// being counted.
///
/// `@unchecked Sendable`: the address is written once, here, and read by all; what it leads to is written by whoever has the slot (`FlightSlot`), and
/// read by the next process.
struct FlightFile: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    let bootID: String

    /// Every block is allocated now: a store into a page that the disk has no room for would be a SIGBUS.
    init(creating path: String, slots: Int, bootID: String) throws(FlightProblem) {
        precondition(slots > 0, "a recorder records something")
        let size = FlightRecorder.headSize + slots * FlightRecorder.slotSize
        unlink(path)
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw FlightProblem(path) }
        defer { close(file) }
        let failure = posix_fallocate(file, 0, off_t(size))
        guard failure == 0 else { throw FlightProblem(path, failure) }
        let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED | Int32(MAP_POPULATE), file, 0)
        guard let mapped, mapped != MAP_FAILED else { throw FlightProblem(path) }
        self.init(at: mapped, slots: slots, bootID: bootID)
    }

    init(at place: UnsafeMutableRawPointer, slots: Int, bootID: String) {
        (base, self.bootID) = (place, bootID)
        let head = FlightHead(slots: slots, bootID: bootID).bytes
        head.withUnsafeBytes { base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    }

    func slot(_ number: Int) -> UnsafeMutableRawPointer {
        base + FlightRecorder.headSize + (number - 1) * FlightRecorder.slotSize
    }
}

/// The memory of a simulated process's recorder.
///
/// `@unchecked Sendable`: as of `FlightFile`.
final class FlightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let size: Int

    init(slots: Int) {
        size = FlightRecorder.headSize + slots * FlightRecorder.slotSize
        base = .allocate(byteCount: size, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }
    deinit { base.deallocate() }

    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: size)) }
}

/// What stands before the slots.
struct FlightHead: Equatable {
    var slots: Int
    var bootID: String
    static let size = 96

    var bytes: [UInt8] {
        var bytes = Array("CLFLIGHT".utf8)
        for number in [FlightRecorder.version, UInt32(FlightRecorder.slotSize)] { withUnsafeBytes(of: number) { bytes += $0 } }
        withUnsafeBytes(of: UInt64(slots)) { bytes += $0 }
        let boot = Array(bootID.utf8.prefix(64))
        bytes += boot + [UInt8](repeating: 0, count: 64 - boot.count)
        var check = FlightCheck()
        bytes.withUnsafeBytes { check.mix($0) }
        withUnsafeBytes(of: check.hash) { bytes += $0 }
        return bytes
    }
}

/// Tells damage, not malice: the file is its owner's alone. FNV-1a over words.
struct FlightCheck {
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 29
    }
    /// The last word is filled up with 0.
    mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        var place = 0
        while place + 8 <= bytes.count {
            mix(bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        for byte in bytes[place...] { rest = rest << 8 | UInt64(byte) }
        if place < bytes.count { mix(rest) }
    }
    /// For the upper half of a state.
    var half: UInt64 { (hash ^ hash << 32) & 0xFFFF_FFFF_0000_0000 }
}
