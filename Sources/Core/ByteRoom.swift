/// Bytes written one after the other into room of their own. An array would ask at each of them whether somebody shares it.
struct ByteRoom: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        start = .allocate(capacity: self.capacity)
    }
    deinit { start.deallocate() }

    /// What was written so far.
    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    @inline(__always)
    private mutating func need(_ more: Int) { if capacity - count < more { grow(by: more) } }

    @inline(never)
    private mutating func grow(by more: Int) {
        capacity = max(capacity * 2, count + more)
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        room.initialize(from: start, count: count)
        start.deallocate()
        start = room
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        need(1)
        start[count] = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let from = bytes.baseAddress else { return }
        need(bytes.count)
        (start + count).initialize(from: from, count: bytes.count)
        count += bytes.count
    }

    mutating func append(literal text: StaticString) { append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append($0) }
    }

    /// A text in quotes, escaped as JSON.
    mutating func quote(_ text: String) {
        append(0x22)
        appendContents(text)
        append(0x22)
    }

    /// What stands between the quotes. Most texts need no escapes.
    mutating func appendContents(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let end = JSON.firstEscaped(in: bytes, from: 0)
            if end == bytes.count { append(bytes) } else { appendEscaped(bytes, from: end) }
        }
    }

    /// - Parameter escaped: where the first byte stands that has to be.
    @inline(never)
    private mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>, from escaped: Int) {
        need(bytes.count + bytes.count / 8)
        var (run, at) = (0, escaped)
        while at < bytes.count {
            append(UnsafeBufferPointer(rebasing: bytes[run..<at]))
            JSON.escape(bytes[at]) { append($0) }
            run = at + 1
            at = JSON.firstEscaped(in: bytes, from: run)
        }
        append(UnsafeBufferPointer(rebasing: bytes[run...]))
    }

    /// `"name":`, of a name in which nothing has to be escaped.
    mutating func append(name: StaticString) {
        let size = name.utf8CodeUnitCount
        need(size + 3)
        start[count] = 0x22
        (start + count + 1).initialize(from: name.utf8Start, count: size)
        start[count + size + 1] = 0x22
        start[count + size + 2] = 0x3A
        count += size + 3
    }

    mutating func append(_ moment: Timestamp) {
        guard moment.isWritable else { return append(moment.description) }
        need(24)
        moment.write(to: UnsafeMutableBufferPointer(start: start + count, count: 24))
        count += 24
    }
}
