extension JSONTape {
    /// The canonical bytes of an object of some of the members of one, as `JSON.canonicalBytes` has them. Of most values they are the bytes
    /// that were sent.
    ///
    /// - Parameter names: sorted by their bytes.
    func canonicalBytes(of names: [StaticString], in object: Int) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        out.append(0x7B)
        for name in names {
            guard let value = member(name, of: object) else { continue }
            if out.count > 1 { out.append(0x2C) }
            writeCanonical(value - 1, to: &out)
            out.append(0x3A)
            writeCanonical(value, to: &out)
        }
        out.append(0x7D)
        return out
    }

    private func writeCanonical(_ token: Int, to out: inout [UInt8]) {
        switch tokens[token].kind {
        case .null, .yes, .no, .number: out.append(contentsOf: slice(token))
        case .string:
            guard tokens[token].form.contains(.canonical) else { return JSON.write(text(token), into: &out) }
            let (start, end) = (Int(tokens[token].start) - 1, Int(tokens[token].end) + 1)
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<end]))
        case .array:
            let end = next(after: token)
            var at = token + 1
            out.append(0x5B)
            while at < end {
                if at > token + 1 { out.append(0x2C) }
                writeCanonical(at, to: &out)
                at = next(after: at)
            }
            out.append(0x5D)
        case .object:
            out.append(0x7B)
            for (n, name) in sortedNames(of: token).enumerated() {
                if n > 0 { out.append(0x2C) }
                writeCanonical(name, to: &out)
                out.append(0x3A)
                writeCanonical(name + 1, to: &out)
            }
            out.append(0x7D)
        }
    }

    private func sortedNames(of object: Int) -> [Int] {
        let end = next(after: object)
        var order = JSONOrder(capacity: min(16, end - object))
        var name = object + 1
        while name < end {
            if tokens[name].form.contains(.plain) {
                order.append(slice(name), at: name)
            } else {
                var text = text(name)
                text.withUTF8 { order.append($0, at: name) }
            }
            name = next(after: name + 1)
        }
        return order.sort(text)
    }
}
