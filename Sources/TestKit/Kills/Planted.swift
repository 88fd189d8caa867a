import Core
import FoundationEssentials
import Glibc

/// What only the run knows and no worker may write down, and what a worker may hold: `Tests/Faults/world.json`.
struct Planted {
    let secret, name, card: String
    /// A part is enough where it is in all of a kind.
    private let parts: [String]
    private let limits: JSON

    static func read() throws -> Planted {
        let json = try JSON(parsing: TextFile.read(Program.root.path + "/Tests/Faults/world.json"))
        guard let secret = json["secret"]?.string, let name = json["name"]?.string, let card = json["card"]?.string else {
            throw ChildProblem("world.json says nothing that could be planted")
        }
        return Planted(secret: secret, name: name, card: card, parts: json["parts"]?.array?.compactMap(\.string) ?? [], limits: json)
    }

    /// Of the SMS account.
    func writeSecret(to directory: String) throws {
        try FileManager.default.createDirectory(atPath: directory + "/secrets", withIntermediateDirectories: true)
        try TextFile.append(secret + "\n", to: directory + "/secrets/sms")
    }

    /// Members of `limits.json`. A debug build's code alone takes more than what ships may have.
    func caps(of program: String) -> [(String, JSON)] {
        let build = program.contains("/release/") ? "release" : "debug"
        return (limits["caps"]?.object ?? []).map { ($0, $1) } + [("rss_bytes", limits["rss_bytes"]?[build] ?? 0)]
    }

    /// `planted.txt`: all of it, and the store's own keys.
    func write(to run: RunDirectory) throws {
        let keys = try TextFile.names(in: run.data).filter { $0.hasSuffix(".key") }.map { try TextFile.read(run.data + "/" + $0) }
        let values = [secret, name, card] + parts + keys.map { String($0.prefix { !$0.isNewline }) }
        try TextFile.write(values.map { $0 + "\n" }.joined(), to: run.path + "/planted.txt")
    }
}
