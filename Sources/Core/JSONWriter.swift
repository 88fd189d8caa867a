/// Writes JSON from beginning to end, member after member: the bytes of `JSON.bytes` without the tree between.
///
/// What is opened must be closed, and a name takes one value; the writer sets the commas.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Nothing stands before the next value of this object or list.
    private var isFirst = true

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func open() {
        bytes.append(0x7B)
        isFirst = true
    }
    mutating func close() {
        bytes.append(0x7D)
        isFirst = false
    }

    /// What follows is the member's value.
    ///
    /// - Parameter name: a word of ours, in which nothing has to be escaped.
    mutating func name(_ name: String) {
        if !isFirst { bytes.append(0x2C) }
        isFirst = false
        bytes.append(0x22)
        var name = name
        name.withUTF8 { bytes.append(contentsOf: $0) }
        bytes.append(0x22)
        bytes.append(0x3A)
    }

    /// A member without a value is left out.
    mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        self.name(name)
        JSON.write(text, into: &bytes)
    }
    mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        bytes.append(contentsOf: String(value).utf8)
    }
    mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }
    mutating func member(_ name: String, _ moment: Timestamp?) {
        guard let moment else { return }
        self.name(name)
        bytes.append(0x22)
        moment.append(to: &bytes)
        bytes.append(0x22)
    }
    mutating func member(_ name: String, _ texts: [String]) {
        self.name(name)
        bytes.append(0x5B)
        for (n, text) in texts.enumerated() {
            if n > 0 { bytes.append(0x2C) }
            JSON.write(text, into: &bytes)
        }
        bytes.append(0x5D)
    }
}
