import Core
import Testing

@Suite("the items of a list")
struct JSONItemsTests {
    @Test("stand as they were written, and read to what the whole reads to")
    func asWritten() throws {
        let text = #" [ {"a" : [1, {"b":"\u00e9]"}]} ,"x\ny", 1.50,null , [true], {} ] "#
        let items = try #require(try JSON.items(of: Array(text.utf8)))
        #expect(
            items.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"a" : [1, {"b":"\u00e9]"}]}"#, #""x\ny""#, "1.50", "null", "[true]", "{}",
            ])
        #expect(try items.map { try JSON(parsing: $0) } == JSON(parsing: text).array)
    }

    @Test("are none of what is no list", arguments: ["{}", "1", "\"[]\""]) func noList(_ text: String) throws {
        #expect(try JSON.items(of: Array(text.utf8)) == nil)
        #expect(try JSON.items(of: Array("[]".utf8)) == [])
    }

    @Test("are refused as the whole is", arguments: ["[1,]", "[{\"a\":1,\"a\":2}]", "[1] 2", "", "[" + String(repeating: "[", count: 20)])
    func refused(_ text: String) {
        var problem: JSONProblem?
        do { _ = try JSON(parsing: Array(text.utf8), levels: JSON.maximumDepth + 1) } catch { problem = error }
        #expect(problem != nil && #expect(throws: JSONProblem.self) { try JSON.items(of: Array(text.utf8)) } == problem)
    }
}
