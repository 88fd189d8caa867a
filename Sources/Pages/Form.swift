/// Names and values of `a=b&c=d`, decoded, in order.
package struct Form: Sendable {
    package var fields: [(name: String, value: String)]

    package init(_ bytes: some Collection<UInt8>) {
        fields = bytes.split(separator: 0x26).map { field in
            let parts = field.split(separator: 0x3D, maxSplits: 1, omittingEmptySubsequences: false)
            return (percentDecoded(parts[0], plusIsSpace: true), parts.count > 1 ? percentDecoded(parts[1], plusIsSpace: true) : "")
        }
    }
    /// The first field of that name, also when it is empty.
    package subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
    /// Nil for an absent and for an empty field.
    package func filled(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}

/// For a form or a query: all but letters, digits and `-._~` as `%XX`.
package func formEncoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { out, byte in
        let isPlain =
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
        out += isPlain ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}

/// Never fails, as browsers do not: a `%` without two digits stays.
package func percentDecoded(_ bytes: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String {
    var out: [UInt8] = []
    let bytes = Array(bytes)
    var at = 0
    while at < bytes.count {
        if bytes[at] == 0x25, at + 2 < bytes.count, let high = hexValue(bytes[at + 1]), let low = hexValue(bytes[at + 2]) {
            out.append(high << 4 | low)
            at += 3
            continue
        }
        out.append(plusIsSpace && bytes[at] == 0x2B ? 0x20 : bytes[at])
        at += 1
    }
    return String(decoding: out, as: UTF8.self)
}

package func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}

/// Text made safe for HTML content and for quoted attributes.
package func escaped(_ text: some StringProtocol) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
        switch scalar {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        case "'": out += "&#39;"
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out
}
