import App
import Config
import Core
import Glibc
import Templates

/// Single parts of Clarion for `make bench`; not shipped.
///
///     BenchParts accept SETTINGS            takes events over HTTP into the store and plans nothing, until SIGTERM
///     BenchParts log SETTINGS ROWS WORD     appends rows to the delivery log, for `make tamper` and the verify case
///     BenchParts fill SETTINGS [DELIVERIES] a store to search in; prints {"notices","deliveries","seconds"}
///     BenchParts render TEMPLATES ROUNDS    prints {"nanoseconds"}: one SMS in zh-Hans with 8 values
@main
struct BenchParts {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else { exit(64) }
        switch arguments[1] {
        case "accept": try await accept(settings: arguments[2])
        case "fill": try await fill(settings: arguments[2], deliveries: arguments.count > 3 ? Int(arguments[3]) ?? 0 : 1_000_000)
        case "render": try render(templates: arguments[2], rounds: arguments.count > 3 ? Int(arguments[3]) ?? 0 : 200_000)
        case "log": try await log(settings: arguments[2], rows: Int(arguments[3]) ?? 0, word: arguments.count > 4 ? arguments[4] : "a")
        default: exit(64)
        }
    }

    /// At once: the reader waits for it.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        precondition(write(STDOUT_FILENO, bytes, bytes.count) == bytes.count, "nobody reads")
    }

    // MARK: Render

    /// The shipped text with the most values has six; two more are put into it here.
    private static func render(templates directory: String, rounds: Int) throws {
        let set = try Runtime.loadTemplates(directory)
        let facts = set.sampleFacts(kind: .limitExceeded, locale: .zhHans)
        let needed = set.fieldsNeeded(kind: .limitExceeded, stage: .opened, channel: .sms, locale: .zhHans)
        let zones = SystemZones()
        let names = [TextLocale.zhHans: PlainText("示例支付")]
        let request = RenderRequest(
            kind: .limitExceeded, stage: .opened, channel: .sms, locale: .zhHans, facts: facts,
            brand: Brand(names: names, support: PlainText("+86 400 000 0000"), linkBase: "https://pay.example/w/"),
            offset: { zones.offset(of: "Asia/Shanghai", at: $0) ?? 0 })
        var bytes = 0
        // Caches fill, then the clock runs.
        for _ in 0..<1000 { bytes += try length(of: set.render(request)) }
        let start = ContinuousClock.now
        for _ in 0..<rounds { bytes += try length(of: set.render(request)) }
        let elapsed = ContinuousClock.now - start
        let nanoseconds = Double(elapsed.components.seconds) * 1e9 + Double(elapsed.components.attoseconds) / 1e9
        say("{\"nanoseconds\":\(nanoseconds / Double(rounds)),\"values\":\(needed.count),\"bytes\":\(bytes / (rounds + 1000))}")
    }

    private static func length(of content: Content) -> Int {
        if case .sms(let text) = content { text.utf8.count } else { 0 }
    }
}
