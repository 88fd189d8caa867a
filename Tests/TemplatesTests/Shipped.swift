import Core
import Foundation
import Templates
import Testing

/// The texts that are shipped, read once for all tests.
enum Shipped {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let files: [(path: String, text: String)] = {
        let folder = root.appending(path: "templates")
        let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".html") }.sorted().map { name in
            do {
                return ("templates/" + name, try String(contentsOf: folder.appending(path: name), encoding: .utf8))
            } catch {
                preconditionFailure("\(name): \(error)")
            }
        }
    }()

    /// Nil when they do not compile; `compiles` shows why.
    static let set: TemplateSet? = {
        do {
            return try TemplateSet.compile(files: files, digest: fnv)
        } catch {
            print(error)
            return nil
        }
    }()

    /// FNV-1a, 64 bits: short and stable, enough to tell texts apart in tests.
    static func fnv(_ bytes: [UInt8]) -> [UInt8] {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return (0..<8).map { UInt8(truncatingIfNeeded: hash >> (56 - 8 * UInt64($0))) }
    }

    static func compile(_ files: [(path: String, text: String)]) -> Result<TemplateSet, Problems> {
        do {
            return .success(try TemplateSet.compile(files: files, digest: fnv))
        } catch {
            return .failure(error)
        }
    }
}

@Suite struct ShippedTexts {
    @Test func compiles() throws {
        switch Shipped.compile(Shipped.files) {
        case .success(let set):
            #expect(set.revision.count == 12)
        case .failure(let problems): Issue.record("\(problems)")
        }
    }
}
