import Config
import Core
import Glibc
import Pipeline
import Store
import Templates
import Terminal

/// The texts that a person means by a word: a directory, a revision that the store keeps, or a commit of the directory's own repository.
enum TextSource {
    struct Found: Sendable {
        /// `1af9fe5468d6`, `HEAD~1`, `./templates`
        var name: String
        var files: [TemplateFile]
    }

    /// - Parameter word: nil: the directory of the settings.
    static func find(_ word: String?, in context: CommandContext) async throws -> Found {
        let directory = try context.settings().templatesDirectory
        guard let word else { return Found(name: directory, files: try Runtime.templateFiles(directory)) }
        if word.contains("/") || Host.exists(word + "/_shared") {
            guard Host.exists(word + "/_shared") else {
                throw Fault(.notFound, "\(PlainText(word)) is no directory of templates", field: "revision", hint: "it holds _shared")
            }
            return Found(name: word, files: try Runtime.templateFiles(word))
        }
        if let kept = try await kept(word, in: context) { return kept }
        if let files = try Git.files(of: word, below: directory) { return Found(name: word, files: files) }
        throw Fault(
            .notFound, "no texts are known as \"\(PlainText(word))\"", field: "revision",
            hint: "a revision (clarion template history), a commit, or a directory")
    }

    /// By the beginning of its name, where that is one revision's alone.
    static func name(_ prefix: String, in reader: any StoreReader) throws -> String? {
        let all = try reader.templateRevisions(limit: 10_000).map(\.revision).filter { $0.hasPrefix(prefix) }
        guard all.count < 2 else {
            throw Fault(.usage, "\(prefix) begins \(all.count) revisions", field: "revision", hint: "more of its name")
        }
        return all.first
    }

    private static func kept(_ word: String, in context: CommandContext) async throws -> Found? {
        guard word.count >= 4, word.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else { return nil }
        let directory = try context.settings().storeDirectory
        guard Host.exists(directory + "/clarion.db") else { return nil }
        return try await context.read { reader in
            guard let name = try name(word, in: reader), let files = try reader.templateFiles(of: name) else { return nil }
            return Found(name: name, files: files)
        }
    }
}

/// What `git archive` says of a directory at a commit.
enum Git {
    /// Nil where there is no repository, or no such commit.
    static func files(of commit: String, below directory: String) throws -> [TemplateFile]? {
        guard !commit.hasPrefix("-"), let archive = run(["-C", directory, "archive", "--format=tar", commit, "--", "."]) else { return nil }
        let files = Tar.files(archive).filter { $0.path.hasSuffix(".yaml") || $0.path.hasSuffix(".html") }
        guard !files.isEmpty else { return nil }
        return files.map { TemplateFile(path: "templates/" + $0.path, text: String(decoding: $0.bytes, as: UTF8.self)) }
    }

    /// What a command wrote; nil when it failed, or is not there.
    private static func run(_ arguments: [String]) -> [UInt8]? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        let (reading, writing) = (ends[0], ends[1])
        defer { close(reading) }
        var actions = posix_spawn_file_actions_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, writing, STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, reading)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        let words = (["git"] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        var child = pid_t()
        let started = posix_spawnp(&child, "git", &actions, nil, words + [nil], environ)
        close(writing)
        guard started == 0 else { return nil }
        var (output, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 65536))
        while true {
            let count = read(reading, &buffer, buffer.count)
            if count > 0 { output += buffer.prefix(count) } else if count == 0 || errno != EINTR { break }
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? output : nil
    }
}

/// The plain files of a tar archive, as `git archive` writes it.
enum Tar {
    static func files(_ archive: [UInt8]) -> [(path: String, bytes: [UInt8])] {
        var (found, at) = ([(path: String, bytes: [UInt8])](), 0)
        func text(_ offset: Int, _ length: Int) -> String {
            String(decoding: archive[(at + offset)..<(at + offset + length)].prefix { $0 != 0 }, as: UTF8.self)
        }
        while at + 512 <= archive.count, archive[at] != 0 {
            let size = Int(text(124, 12).filter { $0 >= "0" && $0 <= "7" }, radix: 8) ?? 0
            let (name, prefix, type) = (text(0, 100), text(345, 155), archive[at + 156])
            let (start, end) = (at + 512, at + 512 + size)
            guard end <= archive.count else { break }
            if type == 0x30 || type == 0 { found.append((prefix.isEmpty ? name : prefix + "/" + name, Array(archive[start..<end]))) }
            at = start + (size + 511) / 512 * 512
        }
        return found
    }
}
