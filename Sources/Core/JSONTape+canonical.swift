extension JSONTape {
    /// The canonical bytes of an object of some of the members of one, as `JSON.canonicalBytes` has them. Of most values they are the bytes
    /// that were sent.
    ///
    /// - Parameter names: sorted by their bytes.
    func canonicalBytes(of names: [StaticString], in object: Int) -> [UInt8] {
        var room = ByteRoom(capacity: bytes.count)
        room.append(0x7B)
        for name in names {
            guard let value = member(name, of: object) else { continue }
            if room.count > 1 { room.append(0x2C) }
            writeMember(value - 1, to: &room)
        }
        room.append(0x7D)
        return room.bytes
    }

    private func writeMember(_ name: Int, to room: inout ByteRoom) {
        let (from, value) = (tokens[name], tokens[name + 1])
        let isString = value.kind == .string
        // A value that is a single token and stands close behind its name is copied along with it.
        let isVerbatim = from.form.contains(.canonical) && value.form.contains(.canonical)
        if isVerbatim, value.start == from.end + (isString ? 3 : 2) {
            let (start, end) = (Int(from.start) - 1, Int(value.end) + (isString ? 1 : 0))
            return room.append(UnsafeBufferPointer(rebasing: bytes[start..<end]))
        }
        writeCanonical(name, to: &room)
        room.append(0x3A)
        writeCanonical(name + 1, to: &room)
    }

    private func writeCanonical(_ token: Int, to room: inout ByteRoom) {
        switch tokens[token].kind {
        case .null, .yes, .no, .number: room.append(slice(token))
        case .string:
            guard tokens[token].form.contains(.canonical) else { return room.quote(text(token)) }
            let (start, end) = (Int(tokens[token].start) - 1, Int(tokens[token].end) + 1)
            room.append(UnsafeBufferPointer(rebasing: bytes[start..<end]))
        case .array:
            let end = next(after: token)
            var at = token + 1
            room.append(0x5B)
            while at < end {
                if at > token + 1 { room.append(0x2C) }
                writeCanonical(at, to: &room)
                at = next(after: at)
            }
            room.append(0x5D)
        case .object:
            room.append(0x7B)
            writeSorted(token, to: &room)
            room.append(0x7D)
        }
    }

    private func writeSorted(_ object: Int, to room: inout ByteRoom) {
        let end = next(after: object)
        // A member is two tokens at least.
        withUnsafeTemporaryAllocation(of: JSONOrder.Member.self, capacity: (end - object) / 2) { places in
            var order = JSONOrder(places)
            var name = object + 1
            while name < end {
                if tokens[name].form.contains(.plain) {
                    order.append(JSONOrder.Member(slice(name), at: name))
                } else {
                    var text = text(name)
                    text.withUTF8 { order.append(JSONOrder.Member($0, at: name)) }
                }
                name = next(after: name)
            }
            for (n, member) in order.sorted(text).enumerated() {
                if n > 0 { room.append(0x2C) }
                writeMember(member.place, to: &room)
            }
        }
    }
}
