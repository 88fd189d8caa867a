import Core

/// What producers say of one payout, or of one incident, cut out of a recorded stream: everything but names, times and the customer stays.
struct Story: Sendable {
    /// One event of it, as text with gaps.
    struct Line: Sendable {
        var parts: [Part]
        /// When it comes in, after the story's beginning.
        var arrival: Int64
    }
    enum Part: Sendable {
        case text([UInt8])
        case id, order, anomaly, customer
        /// Milliseconds after the story's beginning.
        case time(Int64)
    }
    var lines: [Line]

    /// What stands in the gaps.
    struct Names {
        var order, anomaly, customer: String
        var begins: Timestamp
        /// How many times faster than it was recorded.
        var pace: Int64
    }

    static func write(_ line: Line, id: String, _ names: Names) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1200)
        for part in line.parts {
            switch part {
            case .text(let text): bytes += text
            case .id: bytes += id.utf8
            case .order: bytes += names.order.utf8
            case .anomaly: bytes += names.anomaly.utf8
            case .customer: bytes += names.customer.utf8
            case .time(let after): bytes += (names.begins + .milliseconds(after > 0 ? after / names.pace : after)).description.utf8
            }
        }
        return bytes
    }

    // MARK: Reading

    /// Of a file of events, one a line.
    static func read(_ file: [UInt8]) throws -> [Story] {
        var lines: [String: [(json: JSON, text: [UInt8])]] = [:]
        var order: [String] = []
        var seen: Set<String> = []
        for text in file.split(separator: 0x0A) {
            let json = try JSON(parsing: Array(text))
            guard let subject = json["subject"]?.string, let id = json["id"]?.string, seen.insert(id).inserted else { continue }
            if lines[subject] == nil { order.append(subject) }
            lines[subject, default: []].append((json, Array(text)))
        }
        return order.compactMap { story($0, lines[$0] ?? []) }
    }

    private static func story(_ subject: String, _ lines: [(json: JSON, text: [UInt8])]) -> Story? {
        func time(_ json: JSON, _ key: String) -> Timestamp? { json[key]?.string.flatMap { Timestamp(rfc3339: $0) } }
        guard let begins = lines.compactMap({ time($0.json, "time") }).min() else { return nil }
        let cut = lines.compactMap { line -> Line? in
            guard let id = line.json["id"]?.string, let arrival = time(line.json, "receivedat") ?? time(line.json, "time") else {
                return nil
            }
            var gaps: [([UInt8], Part)] = [(Array("\"\(id)\"".utf8), .id), (Array("\"\(subject)\"".utf8), .order)]
            if let anomaly = line.json["data"]?["anomaly_id"]?.string { gaps.append((Array("\"\(anomaly)\"".utf8), .anomaly)) }
            return Line(parts: parts(of: line.text, gaps, begins: begins), arrival: (arrival - begins).milliseconds)
        }
        return cut.isEmpty ? nil : Story(lines: cut)
    }

    /// Cuts names, the customer and every moment out of a line. What a gap is filled with brings no quotes, so they stay.
    private static func parts(of text: [UInt8], _ gaps: [([UInt8], Part)], begins: Timestamp) -> [Part] {
        var parts: [Part] = []
        var plain: [UInt8] = []
        var place = 0
        func add(_ part: Part) {
            parts += [.text(plain), part]
            plain = []
        }
        let customer = Array("\"customer\":{".utf8)
        while place < text.count {
            let rest = text[place...]
            if text[place] == 0x22, let (word, part) = gaps.first(where: { rest.starts(with: $0.0) }) {
                plain.append(0x22)
                add(part)
                plain.append(0x22)
                place += word.count
            } else if rest.starts(with: customer), let end = rest.firstIndex(of: 0x7D) {
                plain += "\"customer\":".utf8
                add(.customer)
                place = end + 1
            } else if text[place] == 0x22, place + 26 <= text.count, text[place + 25] == 0x22,
                let moment = Timestamp(rfc3339: String(decoding: text[place + 1..<place + 25], as: UTF8.self))
            {
                plain.append(0x22)
                add(.time((moment - begins).milliseconds))
                plain.append(0x22)
                place += 26
            } else {
                plain.append(text[place])
                place += 1
            }
        }
        return parts + [.text(plain)]
    }
}
