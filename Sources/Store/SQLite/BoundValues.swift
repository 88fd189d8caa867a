/// Where the bytes of bound values lie while a statement runs: SQLite would make a copy of each on the heap. Statements that run inside another's
/// rows lay theirs above its own. One connection's thread only.
final class BoundValues {
    private let bytes: UnsafeMutableRawPointer
    private let size: Int
    private var used = 0
    /// The most that was in use since it was wiped.
    private var top = 0
    /// Something was too large, so that SQLite has a copy.
    private(set) var isOverfull = false

    init(size: Int = 256 << 10) { (bytes, self.size) = (.allocate(byteCount: size, alignment: 16), size) }
    deinit {
        wipe()
        bytes.deallocate()
    }

    /// Where the value lies now, and whether that is good until it is cleared; else SQLite has to copy it.
    func lay(_ value: UnsafeRawBufferPointer) -> (bytes: UnsafeRawPointer?, isKept: Bool) {
        guard let start = value.baseAddress, value.count > 0 else { return (UnsafeRawPointer(bytes), true) }
        guard value.count <= size - used else {
            isOverfull = true
            return (start, false)
        }
        let place = bytes + used
        place.copyMemory(from: start, byteCount: value.count)
        used += value.count
        top = max(top, used)
        return (UnsafeRawPointer(place), true)
    }

    /// Before a statement is bound, for `clear`.
    var mark: Int { used }
    /// When it has run.
    func clear(to mark: Int) { used = mark }

    /// Forgets every value: it may be an address.
    func wipe() {
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: top)
        (used, top, isOverfull) = (0, 0, false)
    }
}
