extension JSONScanner {
    mutating func string() throws(JSONProblem) {
        let opening = at
        var form: Token.Form = [.plain, .ascii, .canonical]
        at += 1
        while true {
            skipHarmless()
            guard at < bytes.count else { throw fail("text ends inside a string", at: opening) }
            let byte = bytes[at]
            if byte == 0x22 { break }
            if byte < 0x20 { throw fail("a control character inside a string") }
            at += 1
            if byte == 0x5C {
                form.subtract([.plain, .canonical])
                guard at < bytes.count else { throw fail("text ends inside a string", at: opening) }
                _ = try escaped()
            } else {
                form.remove(byte == 0x7F ? .canonical : .ascii)
            }
        }
        if !form.contains(.ascii) {
            let contents = UnsafeBufferPointer(rebasing: bytes[opening + 1..<at])
            do {
                _ = try UTF8Span(validating: contents.span)
            } catch {
                throw fail("bytes that are not UTF-8", at: opening)
            }
        }
        append(.string, form, from: opening + 1, to: at)
        at += 1
    }

    /// Printable ASCII but quotes and backslashes, eight bytes at a time as long as there are so many.
    private mutating func skipHarmless() {
        var place = at
        let raw = UnsafeRawBufferPointer(bytes)
        while place + 8 <= bytes.count {
            let eight = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            let others = JSONScanner.others(among: eight)
            guard others == 0 else {
                at = place + others.trailingZeroBitCount / 8
                return
            }
            place += 8
        }
        while place < bytes.count, JSONScanner.others(among: UInt64(bytes[place]) | 0x2020_2020_2020_2000) == 0 { place += 1 }
        at = place
    }

    /// The highest bit of each byte below 0x20, above 0x7E, or equal to a quote or a backslash. Only the first of these bytes is sure: what
    /// is borrowed for it marks others behind it.
    private static func others(among eight: UInt64) -> UInt64 {
        func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }
        func equal(to byte: UInt64) -> UInt64 { (eight ^ each(byte)) &- each(1) }
        return (eight | (eight &- each(0x20)) | equal(to: 0x22) | equal(to: 0x5C) | equal(to: 0x7F)) & each(0x80)
    }

    /// What the escape behind a backslash stands for; leaves `at` behind it.
    private mutating func escaped() throws(JSONProblem) -> Unicode.Scalar {
        let scalar: Unicode.Scalar
        switch bytes[at] {
        case 0x22: scalar = "\""
        case 0x5C: scalar = "\\"
        case 0x2F: scalar = "/"
        case 0x62: scalar = "\u{08}"
        case 0x66: scalar = "\u{0C}"
        case 0x6E: scalar = "\n"
        case 0x72: scalar = "\r"
        case 0x74: scalar = "\t"
        case 0x75: scalar = try escapedScalar()
        default: throw fail("an unknown escape in a string")
        }
        at += 1
        return scalar
    }

    /// Reads `uXXXX`, or a surrogate pair of two of them; leaves `at` on the last hex digit.
    private mutating func escapedScalar() throws(JSONProblem) -> Unicode.Scalar {
        let first = try hex4()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, at + 2 < bytes.count, bytes[at + 1] == 0x5C, bytes[at + 2] == 0x75 else {
            throw fail("half of a surrogate pair")
        }
        at += 2
        let second = try hex4()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw fail("half of a surrogate pair") }
        return scalar
    }

    private mutating func hex4() throws(JSONProblem) -> UInt32 {
        guard at + 4 < bytes.count else { throw fail("text ends inside a string") }
        var value: UInt32 = 0
        for byte in bytes[at + 1...at + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
            default: throw fail("not four hex digits after \\u")
            }
        }
        at += 4
        return value
    }

    /// The text of a string or number that was read.
    static func text(of token: Token, in bytes: UnsafeBufferPointer<UInt8>) -> String {
        let range = Int(token.start)..<Int(token.end)
        if token.form.contains(.plain) {
            // It was checked when it was read.
            let contents = UnsafeBufferPointer(rebasing: bytes[range])
            return String(copying: UTF8Span(unchecked: contents.span, isKnownASCII: token.form.contains(.ascii)))
        }
        var reader = JSONScanner(bytes, levels: 0, room: UnsafeMutableBufferPointer(start: nil, count: 0))
        var out: [UInt8] = []
        out.reserveCapacity(token.count)
        reader.at = range.lowerBound
        while true {
            let run = reader.at
            while reader.at < range.upperBound, bytes[reader.at] != 0x5C { reader.at += 1 }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<reader.at]))
            guard reader.at < range.upperBound else { break }
            reader.at += 1
            do {
                out.append(contentsOf: try reader.escaped().utf8)
            } catch {
                preconditionFailure("a string on the tape was checked")
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
