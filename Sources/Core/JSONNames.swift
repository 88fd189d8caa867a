/// The names of one object so far. Two that are equal as texts are the same name, however they are escaped or composed.
///
/// Most objects have few and plain ones. These are compared by their bytes, and most not even that: a mark tells that none was like it.
struct JSONNames {
    private var count = 0
    private var marks: UInt64 = 0
    /// All names, as soon as there are many, or one that is not plain ASCII.
    private var texts: Set<String>?

    /// False when the object has this name already.
    mutating func insert(
        _ name: Int, of object: Int, _ tokens: UnsafeMutableBufferPointer<JSONTape.Token>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let token = tokens[name]
        if texts == nil, count == 32 || !token.form.isSuperset(of: [.plain, .ascii]) {
            texts = JSONNames.texts(before: name, of: object, tokens, bytes)
        }
        count += 1
        if texts != nil { return texts!.insert(JSONScanner.text(of: token, in: bytes)).inserted }
        let mark = JSONNames.mark(token, bytes)
        guard marks & mark == 0 else { return !JSONNames.isTwice(name, of: object, tokens, bytes) }
        marks |= mark
        return true
    }

    /// One of 64 bits, by the length of a name and its first and last bytes.
    private static func mark(_ token: JSONTape.Token, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard token.count > 0 else { return 1 }
        let (first, last) = (bytes[Int(token.start)], bytes[Int(token.end) - 1])
        return 1 << UInt64((UInt8(truncatingIfNeeded: token.count) &* 7 &+ first &* 5 &+ last) & 63)
    }

    /// Whether these bytes are the name of an earlier member.
    private static func isTwice(
        _ name: Int, of object: Int, _ tokens: UnsafeMutableBufferPointer<JSONTape.Token>, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let (start, count) = (Int(tokens[name].start), tokens[name].count)
        var at = object + 1
        while at < name {
            let other = Int(tokens[at].start)
            if tokens[at].count == count, (0..<count).allSatisfy({ bytes[other + $0] == bytes[start + $0] }) { return true }
            at = Int(tokens[at].next)
        }
        return false
    }

    private static func texts(
        before name: Int, of object: Int, _ tokens: UnsafeMutableBufferPointer<JSONTape.Token>, _ bytes: UnsafeBufferPointer<UInt8>
    )
        -> Set<String>
    {
        var texts: Set<String> = []
        var at = object + 1
        while at < name {
            texts.insert(JSONScanner.text(of: tokens[at], in: bytes))
            at = Int(tokens[at].next)
        }
        return texts
    }
}
