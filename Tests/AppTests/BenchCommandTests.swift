import Core
import Foundation
import TestKit
import Testing

/// `bench compare` as a build would call it: the exit status is the gate.
struct BenchCommandTests {
    private func file(_ ratio: String) throws -> String {
        let path = NSTemporaryDirectory() + "clarion-bench-\(UUID().uuidString).json"
        let text =
            #"{"deliveries":{"value":9000,"limit":18000,"ratio":\#(ratio),"target":0.5,"ok":true,"unit":"a second","better":"more"}}"#
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    @Test(arguments: [("0.5", "0.46", 0), ("0.5", "0.44", 3)] as [(String, String, Int32)])
    func theStatusSaysWhetherSomethingWasLost(_ old: String, _ new: String, _ status: Int32) throws {
        let (before, after) = (try file(old), try file(new))
        defer { for path in [before, after] { unlink(path) } }
        let ended = try Program.run(["bench", "compare", before, after, "--json"], environment: [:])
        #expect(ended.status == status)
        let cases = try JSON(parsing: ended.output)["cases"]?.array
        #expect(cases?.first?["verdict"]?.string == (status == 0 ? "same" : "worse"))
    }

    @Test func aFileThatIsNotThereIsNamed() throws {
        let ended = try Program.run(["bench", "compare", "/nowhere.json", "/nowhere.json"], environment: [:])
        #expect(ended.status == 5)
        #expect(ended.errors.contains("/nowhere.json"))
    }
}
