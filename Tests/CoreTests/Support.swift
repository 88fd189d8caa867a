import Core
import Foundation

/// The bytes of a file of `Tests/Fixtures`.
func fixture(_ name: String) throws -> [UInt8] {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")
    return try [UInt8](Data(contentsOf: directory.appending(path: name)))
}

/// Its lines, without the empty one at the end.
func fixtureLines(_ name: String) throws -> [String] {
    String(decoding: try fixture(name), as: UTF8.self).split(separator: "\n").map(String.init)
}

/// A file of the repository, by its path from the top.
func repositoryFile(_ path: String) throws -> String {
    let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return String(decoding: try Data(contentsOf: top.appending(path: path)), as: UTF8.self)
}

/// A file named by an environment variable, for runs over more data than the repository holds.
func linesOfFile(inVariable name: String) throws -> [String]? {
    guard let path = ProcessInfo.processInfo.environment[name] else { return nil }
    return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self).split(separator: "\n").map(String.init)
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for a seed everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func time(_ text: String) -> Timestamp {
    guard let moment = Timestamp(rfc3339: text) else { preconditionFailure("not a time: \(text)") }
    return moment
}

func contains(_ bytes: [UInt8], _ text: String) -> Bool { String(decoding: bytes, as: UTF8.self).contains(text) }

/// The Swift files below a folder of the repository.
func swiftFiles(in folder: String) throws -> [(path: String, text: String)] {
    let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let names = try FileManager.default.subpathsOfDirectory(atPath: top.appending(path: folder).path).filter { $0.hasSuffix(".swift") }
    return try names.map { ($0, try repositoryFile("\(folder)/\($0)")) }
}
