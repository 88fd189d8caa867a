import Config
import Core
import FoundationEssentials
import Glibc
import Providers

/// The repository, and its `config` directory.
let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
let shipped = repository + "/config"

/// A directory of its own for one test, removed with it.
final class Folder {
    let path: String

    init() {
        var template = Array("/tmp/clarion-config-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        precondition(made, "no temporary directory")
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
    }

    /// - Parameter mode: the file's permissions.
    @discardableResult
    func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(atPath: file.directory, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        precondition(chmod(file, mode) == 0)
        return file
    }

    /// The shipped files, changed.
    func copyShipped(replacing changes: [(file: String, from: String, to: String)] = []) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: shipped) where name.hasSuffix(".yaml") || name.hasSuffix(".csv") {
            var text = try String(contentsOfFile: "\(shipped)/\(name)", encoding: .utf8)
            for change in changes where change.file == name {
                precondition(text.contains(change.from), "\(name) does not hold \(change.from)")
                text = text.replacing(change.from, with: change.to)
            }
            try write(text, to: name)
        }
    }

    /// What the test's files say is wrong, with this directory left out.
    func problems(_ work: () throws -> Void) -> [String] {
        do {
            try work()
            return []
        } catch let problems as Problems {
            return problems.all.map { $0.description.replacing(path + "/", with: "") }
        } catch {
            return ["\(error)"]
        }
    }
}

extension String {
    fileprivate var directory: String { String(self[..<(lastIndex(of: "/") ?? startIndex)]) }
}

/// The least that is accepted.
let smallest = """
    brand:
      name: { zh-Hans: 示例, zh-Hant: 示例, en: Example }
      support: "+49 30 123456"
      link_base: https://pay.example/

    """

/// A provider with a key of every form.
struct Sample: Provider {
    static let id = "sample"
    static let channel = Channel.sms
    static let settings = [
        SettingKey("user", .text, required: true, "who"), SettingKey("token", .secretFile, required: true, "the token"),
        SettingKey("speed", .number, "how fast"), SettingKey("is_loud", .flag, "how loud"), SettingKey("url", .url, "where"),
        SettingKey("senders", .list, "from whom"), SettingKey("headers", .map, "what else"),
    ]
    let account: AccountSettings

    init(_ account: AccountSettings) throws(Problems) {
        self.account = account
        if account.text("user") == "nobody" { throw Problems([account.problem("user", "is nobody")]) }
    }

    var guarantee: Guarantee { .blind }
    var endpoints: [String] { [] }
    func call(for message: Message, key: IdempotencyKey) throws(CallProblem) -> ProviderCall { throw CallProblem(.renderError, "a sample") }
    func outcome(of reply: ProviderReply) -> Outcome { .accepted(id: "") }
}
