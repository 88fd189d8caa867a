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

    public static func append(_ bytes: some Collection<UInt8>, to out: inout [UInt8]) { append(bytes, to: &out, alphabet: standard) }

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
                func character(_ group: UInt32, _ shift: UInt32) -> UInt8 { alphabet[Int(group >> shift & 63)] }
                var place = start
                for n in 0..<whole {
                    let group = UInt32(bytes[3 * n]) << 16 | UInt32(bytes[3 * n + 1]) << 8 | UInt32(bytes[3 * n + 2])
                    out[place] = character(group, 18)
                    out[place + 1] = character(group, 12)
                    out[place + 2] = character(group, 6)
                    out[place + 3] = character(group, 0)
                    place += 4
                }
                let left = bytes.count - 3 * whole
                guard left > 0 else { return }
                let group = UInt32(bytes[3 * whole]) << 16 | (left > 1 ? UInt32(bytes[3 * whole + 1]) << 8 : 0)
                out[place] = character(group, 18)
                out[place + 1] = character(group, 12)
                if left > 1 { out[place + 2] = character(group, 6) }
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
        var isGood = true
        let out = [UInt8](unsafeUninitializedCapacity: count / 4 * 3 + 2) { out, length in
            var all: UInt8 = 0
            func value(_ at: Int) -> UInt32 {
                let value = values[Int(bytes[at])]
                all |= value
                return UInt32(value)
            }
            for at in stride(from: 0, to: count - 3, by: 4) {
                let group = value(at) << 18 | value(at + 1) << 12 | value(at + 2) << 6 | value(at + 3)
                out[length] = UInt8(truncatingIfNeeded: group >> 16)
                out[length + 1] = UInt8(truncatingIfNeeded: group >> 8)
                out[length + 2] = UInt8(truncatingIfNeeded: group)
                length += 3
            }
            // Padding leaves none, two or three characters of the last group.
            let rest = count & ~3
            if count - rest >= 2 {
                out[length] = UInt8(truncatingIfNeeded: value(rest) << 2 | value(rest + 1) >> 4)
                length += 1
            }
            if count - rest == 3 {
                out[length] = UInt8(truncatingIfNeeded: value(rest + 1) << 4 | value(rest + 2) >> 2)
                length += 1
            }
            isGood = all < 64
        }
        return isGood ? out : nil
    }
}
