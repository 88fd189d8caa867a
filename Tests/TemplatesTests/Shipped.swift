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

@Suite("less than everything") struct ScopeTests {
    private static let scope = TemplateSet.Scope(kinds: [.bankDelay], locales: [.zhHans])

    @Test("one kind in one language is as it is in the whole set, under the same revision", arguments: TemplateSet.channels)
    func same(_ channel: Channel) throws {
        let whole = try #require(Shipped.set)
        let part = try TemplateSet.compile(files: Shipped.files, scope: Self.scope, digest: Shipped.fnv)
        #expect(part.revision == whole.revision && part.variants(of: .bankDelay) == whole.variants(of: .bankDelay))
        for stage in NoticeStage.allCases {
            let request = Requests.request(whole, .bankDelay, channel, .zhHans, stage: stage)
            #expect(try part.render(request) == whole.render(request))
        }
    }

    @Test("a mistake outside is not met, one inside is")
    func mistakes() throws {
        func spoilt(_ path: String) -> [(path: String, text: String)] {
            Shipped.files.map { $0.path == path ? ($0.path, "opened: {}\n") : $0 }
        }
        for outside in ["templates/risk_hold/zh-Hans.yaml", "templates/bank_delay/zh-Hant.yaml"] {
            let files = spoilt(outside)
            #expect(throws: Problems.self) { try TemplateSet.compile(files: files, digest: Shipped.fnv) }
            _ = try TemplateSet.compile(files: files, scope: Self.scope, digest: Shipped.fnv)
        }
        for inside in ["templates/bank_delay/zh-Hans.yaml", "templates/_shared/terms/zh-Hans.yaml"] {
            #expect(throws: Problems.self) { try TemplateSet.compile(files: spoilt(inside), scope: Self.scope, digest: Shipped.fnv) }
        }
        let missing = Shipped.files.filter { !$0.path.hasSuffix("bank_delay/zh-Hans.yaml") }
        #expect(throws: Problems.self) { try TemplateSet.compile(files: missing, scope: Self.scope, digest: Shipped.fnv) }
    }
}
