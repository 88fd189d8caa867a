import Core
import FoundationEssentials
import Providers
import Testing

@testable import Config

/// `docs/configuration.md` names every key there is and no other one.
@Suite struct DocumentationTests {
    /// Section title → rows of its table, without the head.
    static let tables: [String: [[String]]] = {
        var tables: [String: [[String]]] = [:]
        var title = ""
        guard
            case .success(let text) = Result(catching: {
                try String(contentsOfFile: "\(repository)/docs/configuration.md", encoding: .utf8)
            })
        else { return [:] }
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") { title = String(line.drop { $0 == "#" || $0 == " " }) }
            guard line.hasPrefix("| `") else { continue }
            tables[title, default: []].append(line.split(separator: "|").map { $0.trimming(while: { $0 == " " }) })
        }
        return tables
    }()

    private func rows(_ keys: [SettingsKey]) -> [[String]] {
        keys.map { key in
            let standard = key.standard.map { key.isDescribedDefault ? $0 : "`\($0)`" }
            return ["`\(key.path)`", key.form.rawValue, key.isRequired ? "required" : standard ?? "–", key.meaning]
        }
    }

    @Test func namesEveryKeyOfTheSettings() {
        #expect(Self.tables["Keys"] == rows(SettingsKey.all))
    }

    @Test func namesEveryKeyOfAnAccount() {
        #expect(Self.tables["Accounts"] == rows(SettingsKey.ofAccounts))
    }

    @Test(arguments: Providers.providers.map { $0.id })
    func namesEveryKeyOfAProvider(_ id: String) throws {
        let type = try #require(Providers.providers.first { $0.id == id })
        let rows = type.settings.map { ["`\(AccountFields.spelling($0))`", $0.form.rawValue, $0.isRequired ? "yes" : "no", $0.meaning] }
        #expect(Self.tables["`\(id)` (\(type.channel.rawValue))"] == rows)
    }

    @Test func namesNoProviderThatIsNot() {
        let known = Set(Providers.providers.map { "`\($0.id)` (\($0.channel.rawValue))" })
        #expect(Set(Self.tables.keys.filter { $0.hasPrefix("`") }) == known)
    }

    /// A key in the shipped file that the table does not have would not load; this is the other way round.
    @Test func theShippedFileShowsTheCommonKeys() throws {
        let text = try String(contentsOfFile: shipped + "/clarion.yaml", encoding: .utf8)
        for key in SettingsKey.all where !["sandbox", "keys", "api_keys"].contains(key.path.prefix { $0 != "." }) {
            // One line of the file speaks of these.
            if key.path.hasPrefix("brand.name."), !key.isRequired { continue }
            let name = key.path.split(separator: ".").last ?? ""
            #expect(text.contains("\(name):"), "\(key.path)")
        }
    }
}

extension Substring {
    fileprivate func trimming(while isBlank: (Character) -> Bool) -> String {
        var text = drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
