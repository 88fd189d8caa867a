/// Writes JSON from beginning to end, member after member: the bytes of `JSON.bytes` without the tree between.
///
/// What is opened must be closed, and a name takes one value; the writer sets the commas.
struct JSONWriter: ~Copyable {
    private var room: ByteRoom
    /// Nothing stands before the next value of this object or list.
    private var isFirst = true

    init(capacity: Int) { room = ByteRoom(capacity: capacity) }

    var bytes: [UInt8] { room.bytes }

    mutating func open() {
        room.append(0x7B)
        isFirst = true
    }
    mutating func close() {
        room.append(0x7D)
        isFirst = false
    }

    /// What follows is the member's value. Nothing in a name of ours has to be escaped.
    mutating func name(_ name: StaticString) {
        separate()
        room.append(name: name)
    }
    mutating func name(of field: Field) {
        separate()
        room.append(0x22)
        room.append(field.rawValue)
        room.append(0x22)
        room.append(0x3A)
    }
    private mutating func separate() {
        if !isFirst { room.append(0x2C) }
        isFirst = false
    }

    /// A member without a value is left out.
    mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        self.name(name)
        room.quote(text)
    }
    /// A text of two parts.
    mutating func member(_ name: StaticString, _ first: String, _ second: String) {
        self.name(name)
        room.append(0x22)
        room.appendContents(first)
        room.appendContents(second)
        room.append(0x22)
    }
    mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        room.append(String(value))
    }
    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        room.append(literal: value ? "true" : "false")
    }
    mutating func member(_ name: StaticString, _ moment: Timestamp?) {
        guard let moment else { return }
        self.name(name)
        room.append(0x22)
        room.append(moment)
        room.append(0x22)
    }
    mutating func member(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        room.append(0x5B)
        for (n, text) in texts.enumerated() {
            if n > 0 { room.append(0x2C) }
            room.quote(text)
        }
        room.append(0x5D)
    }
}
