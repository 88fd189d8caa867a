/// Writes JSON from beginning to end, member after member: the bytes of `JSON.bytes` without the tree between.
///
/// What is opened must be closed, and a name takes one value; the writer sets the commas.
public struct JSONWriter: ~Copyable {
    private var room: ByteRoom
    /// Nothing stands before the next value of this object or list.
    private var isFirst = true

    public init(capacity: Int) { room = ByteRoom(capacity: capacity) }

    public var bytes: [UInt8] { room.bytes }

    public mutating func open() {
        room.append(0x7B)
        isFirst = true
    }
    public mutating func close() {
        room.append(0x7D)
        isFirst = false
    }

    /// What follows is the member's value. Nothing in a name of ours has to be escaped.
    public mutating func name(_ name: StaticString) {
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
    public mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        self.name(name)
        room.quote(text)
    }
    /// A member that is named at run time, by one of our own words: nothing in it has to be escaped.
    public mutating func member(_ name: String, of text: String) {
        separate()
        room.append(0x22)
        room.append(name)
        room.append(0x22)
        room.append(0x3A)
        room.quote(text)
    }
    /// A text of two parts.
    public mutating func member(_ name: StaticString, _ first: String, _ second: String) {
        self.name(name)
        room.append(0x22)
        room.appendContents(first)
        room.appendContents(second)
        room.append(0x22)
    }
    public mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        room.append(String(value))
    }
    public mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        room.append(literal: value ? "true" : "false")
    }
    public mutating func member(_ name: StaticString, _ moment: Timestamp?) {
        guard let moment else { return }
        self.name(name)
        room.append(0x22)
        room.append(moment)
        room.append(0x22)
    }
    public mutating func member(_ name: StaticString, _ texts: [String]) {
        self.name(name)
        room.append(0x5B)
        for (n, text) in texts.enumerated() {
            if n > 0 { room.append(0x2C) }
            room.quote(text)
        }
        room.append(0x5D)
    }
}
