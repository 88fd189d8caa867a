/// RFC 4648 base64, standard alphabet with padding and URL alphabet without.
public enum Base64 {
    private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// Of each character of the standard alphabet; 64 for all others.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, character) in standard.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
    private static let padding: UInt8 = 0x3D
    /// Two characters of the standard alphabet for each 12 bits, as they lie in memory.
    private static let pairs: [UInt16] = (0..<4096).map {
        UInt16(littleEndian: UInt16(standard[$0 >> 6]) | UInt16(standard[$0 & 63]) << 8)
    }

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        append(bytes, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    public static func encodeURL(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        append(bytes, to: &out, alphabet: url)
        while out.last == padding { out.removeLast() }
        return String(decoding: out, as: UTF8.self)
    }

    public static func append(_ bytes: some Collection<UInt8>, to out: inout [UInt8]) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { append($0, to: &out) }
        if isDone == nil { Array(bytes).withUnsafeBufferPointer { append($0, to: &out) } }
    }

    /// All but the last group by pairs, since a mail is thousands of groups.
    public static func append(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        let start = out.count, whole = bytes.count / 3
        out.append(contentsOf: repeatElement(padding, count: whole * 4))
        out.withUnsafeMutableBytes { out in
            pairs.withUnsafeBufferPointer { pairs in
                for n in 0..<whole {
                    let (first, second, third) = (Int(bytes[3 * n]), Int(bytes[3 * n + 1]), Int(bytes[3 * n + 2]))
                    out.storeBytes(of: pairs[first << 4 | second >> 4], toByteOffset: start + 4 * n, as: UInt16.self)
                    out.storeBytes(of: pairs[(second & 15) << 8 | third], toByteOffset: start + 4 * n + 2, as: UInt16.self)
                }
            }
        }
        let rest = UnsafeBufferPointer(rebasing: bytes[(3 * whole)...])
        if !rest.isEmpty { append(rest, to: &out, standard) }
    }

    private static func append(_ bytes: some Collection<UInt8>, to out: inout [UInt8], alphabet: [UInt8]) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { append($0, to: &out, alphabet) }
        if isDone == nil { Array(bytes).withUnsafeBufferPointer { append($0, to: &out, alphabet) } }
    }

    private static func append(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8], _ alphabet: [UInt8]) {
        let start = out.count, whole = bytes.count / 3
        // Room for everything first: appending one by one would ask for room each time.
        out.append(contentsOf: repeatElement(padding, count: (bytes.count + 2) / 3 * 4))
        out.withUnsafeMutableBufferPointer { out in
            alphabet.withUnsafeBufferPointer { alphabet in
                func write(_ group: UInt32, _ count: Int, at place: Int) {
                    for n in 0..<count { out[place + n] = alphabet[Int(group >> UInt32(18 - 6 * n) & 63)] }
                }
                for n in 0..<whole {
                    let group = UInt32(bytes[3 * n]) << 16 | UInt32(bytes[3 * n + 1]) << 8 | UInt32(bytes[3 * n + 2])
                    write(group, 4, at: start + 4 * n)
                }
                let left = bytes.count - 3 * whole
                guard left > 0 else { return }
                let group = UInt32(bytes[3 * whole]) << 16 | (left > 1 ? UInt32(bytes[3 * whole + 1]) << 8 : 0)
                write(group, left + 1, at: start + 4 * whole)
            }
        }
    }

    /// Nil for any character outside the standard alphabet, wrong padding or length.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { bytes in values.withUnsafeBufferPointer { decode(bytes, $0) } }
    }

    private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ values: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard bytes.count % 4 == 0 else { return nil }
        var count = bytes.count
        while count > 0, count > bytes.count - 2, bytes[count - 1] == padding { count -= 1 }
        var out = [UInt8](repeating: 0, count: count / 4 * 3)
        // A character outside sets the bit above the six of a value.
        var seen: UInt8 = 0
        out.withUnsafeMutableBufferPointer { out in
            for n in 0..<count / 4 {
                let (a, b) = (values[Int(bytes[4 * n])], values[Int(bytes[4 * n + 1])])
                let (c, d) = (values[Int(bytes[4 * n + 2])], values[Int(bytes[4 * n + 3])])
                seen |= a | b | c | d
                out[3 * n] = a << 2 | b >> 4
                out[3 * n + 1] = b << 4 | c >> 2
                out[3 * n + 2] = c << 6 | d
            }
        }
        var group: UInt32 = 0
        for byte in bytes[(count / 4 * 4)..<count] {
            let value = values[Int(byte)]
            seen |= value
            group = group << 6 | UInt32(value)
        }
        guard seen < 64 else { return nil }
        switch count & 3 {
        case 3:
            out.append(UInt8(group >> 10 & 255))
            out.append(UInt8(group >> 2 & 255))
        case 2: out.append(UInt8(group >> 4 & 255))
        default: break
        }
        return out
    }
}
