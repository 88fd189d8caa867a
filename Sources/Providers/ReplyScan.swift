import Core

/// The way to one value of a reply: `data.messages.0.id`.
struct ReplyPath: Sendable {
    let steps: [String]
    /// The steps as a reply has them in its bytes, and as indexes into lists. Empty when only `JSON` can compare them.
    fileprivate let names: [[UInt8]]
    fileprivate let indexes: [Int?]
    fileprivate let isPlain: Bool

    init(_ path: String) {
        steps = JSON.steps(path)
        names = steps.map { Array($0.utf8) }
        indexes = steps.map { Int($0) }
        isPlain = path.isASCII()
    }
}

extension ProviderReply {
    /// The text or number at a path; nil as well when the body is not JSON.
    func scalar(at path: ReplyPath) -> String? {
        switch ReplyScan.find(path, in: body) {
        case .text(let text)?, .number(let text)?: text
        case .nothing?: nil
        case nil: json?.scalar(at: path.steps)
        }
    }

    /// The text that is a member of the whole.
    func string(_ member: ReplyPath) -> String? {
        switch ReplyScan.find(member, in: body) {
        case .text(let text)?: text
        case .number?, .nothing?: nil
        case nil: json?[member.steps[0]]?.string
        }
    }
}

/// Finds one value of a reply in one pass that builds nothing else.
///
/// Every byte is checked as `JSON` checks it. Of anything unusual nothing is said, and `JSON` reads the reply: a mistake, an escape, a name
/// beyond ASCII, an object of many members.
struct ReplyScan {
    enum Found: Equatable {
        case text(String), number(String)
        /// There is no such value, or it is neither.
        case nothing
    }
    private static let mostNames = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private let path: ReplyPath
    /// The names of the objects that are open, to find one that stands twice.
    private let names: UnsafeMutableBufferPointer<Range<Int>>
    private var named = 0
    private var at = 0
    private var found: (range: Range<Int>, isText: Bool)?
    private var isASCII = true

    static func find(_ path: ReplyPath, in body: [UInt8]) -> Found? {
        guard path.isPlain else { return nil }
        return body.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: Range<Int>.self, capacity: mostNames) { names in
                var scan = ReplyScan(bytes: bytes, path: path, names: names)
                return scan.document()
            }
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, path: ReplyPath, names: UnsafeMutableBufferPointer<Range<Int>>) {
        (self.bytes, self.path, self.names) = (bytes, path, names)
    }

    private mutating func document() -> Found? {
        guard value(depth: 1, step: 0), next() == nil, at == bytes.count else { return nil }
        // Only inside texts, which end at ASCII: the whole is UTF-8 if each of them is.
        guard isASCII || String(validating: bytes, as: UTF8.self) != nil else { return nil }
        guard let found else { return .nothing }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[found.range]), as: UTF8.self)
        return found.isText ? .text(text) : .number(text)
    }

    /// The next byte that is no white space.
    private mutating func next() -> UInt8? {
        while at < bytes.count {
            switch bytes[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            default: return bytes[at]
            }
        }
        return nil
    }

    /// - Parameter step: how much of the path leads here; nil beside it.
    private mutating func value(depth: Int, step: Int?) -> Bool {
        guard let first = next() else { return false }
        let start = at
        switch first {
        case 0x7B: return depth <= JSON.maximumDepth && object(depth: depth, step: step)
        case 0x5B: return depth <= JSON.maximumDepth && list(depth: depth, step: step)
        case 0x22:
            guard let text = text() else { return false }
            if step == path.names.count { found = (text, true) }
            return true
        case 0x74: return word("true")
        case 0x66: return word("false")
        case 0x6E: return word("null")
        default:
            guard number() else { return false }
            if step == path.names.count { found = (start..<at, false) }
            return true
        }
    }

    private mutating func object(depth: Int, step: Int?) -> Bool {
        let outer = named
        defer { named = outer }
        at += 1
        if next() == 0x7D {
            at += 1
            return true
        }
        while true {
            guard next() == 0x22, named < names.count, let name = text(), bytes[name].allSatisfy({ $0 < 0x80 }) else { return false }
            for other in names[outer..<named] where other.count == name.count && bytes[other].elementsEqual(bytes[name]) { return false }
            names.initializeElement(at: named, to: name)
            named += 1
            guard next() == 0x3A else { return false }
            at += 1
            guard value(depth: depth + 1, step: leads(step) { bytes[name].elementsEqual(path.names[$0]) }) else { return false }
            guard let end = separator(or: 0x7D) else { return false }
            if end { return true }
        }
    }

    private mutating func list(depth: Int, step: Int?) -> Bool {
        at += 1
        if next() == 0x5D {
            at += 1
            return true
        }
        var index = 0
        while true {
            guard value(depth: depth + 1, step: leads(step) { path.indexes[$0] == index }) else { return false }
            guard let end = separator(or: 0x5D) else { return false }
            if end { return true }
            index += 1
        }
    }

    private func leads(_ step: Int?, _ fits: (Int) -> Bool) -> Int? {
        guard let step, step < path.names.count, fits(step) else { return nil }
        return step + 1
    }

    /// Whether the list or object ended; nil for neither an end nor a comma.
    private mutating func separator(or end: UInt8) -> Bool? {
        let byte = next()
        guard byte == end || byte == 0x2C else { return nil }
        at += 1
        return byte == end
    }

    /// Where the text stands between its quotes.
    private mutating func text() -> Range<Int>? {
        at += 1
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            if byte == 0x22 {
                at += 1
                return start..<at - 1
            }
            guard byte >= 0x20, byte != 0x5C else { return nil }
            if byte >= 0x80 { isASCII = false }
            at += 1
        }
        return nil
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard at + count <= bytes.count, word.withUTF8Buffer({ $0.elementsEqual(bytes[at..<at + count]) }) else { return false }
        at += count
        return true
    }

    private mutating func number() -> Bool {
        let start = at
        if bytes[at] == 0x2D { at += 1 }
        let whole = at
        guard digits(), bytes[whole] != 0x30 || at == whole + 1 else { return false }
        if at < bytes.count, bytes[at] == 0x2E {
            at += 1
            guard digits() else { return false }
        }
        if at < bytes.count, bytes[at] | 0x20 == 0x65 {
            at += 1
            if at < bytes.count, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
            guard digits() else { return false }
        }
        return at - start <= 64
    }

    private mutating func digits() -> Bool {
        let start = at
        while at < bytes.count, bytes[at] >= 0x30, bytes[at] <= 0x39 { at += 1 }
        return at > start
    }
}
