extension JSON {
    /// The items of a list, each as its text stands there; nil for what is no list. The whole text is read and checked once.
    ///
    /// - Parameter levels: nested at most; a list of documents has one more than each of them.
    public static func items(of bytes: [UInt8], levels: Int = maximumDepth + 1) throws(JSONProblem) -> [[UInt8]]? {
        let found = bytes.withUnsafeBufferPointer { bytes -> Result<[[UInt8]]?, JSONProblem> in
            do throws(JSONProblem) {
                return .success(try JSONTape.read(bytes, levels: levels) { $0.items })
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }
}

extension JSONTape {
    fileprivate var items: [[UInt8]]? {
        guard tokens[0].kind == .array else { return nil }
        let end = next(after: 0)
        var items: [[UInt8]] = []
        var at = 1
        while at < end {
            items.append(isObject(at) ? Array(slice(at)) : JSON(self, at: at).bytes)
            at = next(after: at)
        }
        return items
    }
}
