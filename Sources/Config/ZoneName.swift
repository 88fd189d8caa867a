import Core
import StrictYAML

/// Names of the IANA table.
enum ZoneName {
    static func isKnown(_ text: String) -> Bool {
        let table = "/usr/share/zoneinfo"
        let isName =
            text.first?.isLetter == true && !text.contains("..")
            && text.utf8.allSatisfy { $0 == 0x2B || Identifier.isValid(String(UnicodeScalar($0)), limit: 1) }
        // A machine without the table cannot say; the offset is looked up elsewhere.
        return isName && (!Files.isDirectory(table) || (Files.exists("\(table)/\(text)") && !Files.isDirectory("\(table)/\(text)")))
    }

    static func fail(_ node: YAML, _ text: String) {
        node.fail("unknown time zone \"\(text)\"", hint: "a name of the IANA table: Asia/Shanghai")
    }
}
