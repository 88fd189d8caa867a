@preconcurrency import Dispatch
import Glibc
import Pipeline
import Synchronization

/// Says that a file of some directories was saved, made or removed. A save is several steps of the editor: it is told once, when nothing more
/// has come for a moment.
final class FileWatch: Sendable {
    let changes = Broadcast()
    private let descriptor: Int32
    private let endings: [String]
    private let queue = DispatchQueue(label: "clarion.watch")
    private let source: DispatchSource
    /// Used on the queue alone.
    private let pause: DispatchSource

    private static let moment = DispatchTimeInterval.milliseconds(60)
    private static let wanted = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE)

    /// Throws where the system gives no more of these.
    /// - Parameter endings: of the names that count.
    init(endingIn endings: [String]) throws(Host.FileProblem) {
        descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        guard descriptor >= 0 else { throw Host.FileProblem(path: "inotify", words: String(cString: strerror(errno))) }
        self.endings = endings
        // Dispatch always makes this class.
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue) as! DispatchSource
        pause = DispatchSource.makeTimerSource(queue: queue) as! DispatchSource
        pause.setEventHandler { [changes] in changes.notify() }
        source.setEventHandler { [unowned self] in take() }
        source.setCancelHandler { [descriptor] in close(descriptor) }
        pause.activate()
        source.activate()
    }

    /// Watches a directory and all below it; what is watched already stays so.
    func cover(_ root: String) {
        var pending = [root]
        while let directory = pending.popLast() {
            // One that is gone is told by its parent.
            guard inotify_add_watch(descriptor, directory, Self.wanted) >= 0 else { continue }
            pending += Host.directories(in: directory)
        }
    }

    /// Watches a directory, not those below it.
    func coverOnly(_ directory: String) { _ = inotify_add_watch(descriptor, directory, Self.wanted) }

    /// Ends all who listen. Nothing is told after this.
    func finish() {
        source.cancel()
        pause.cancel()
        changes.finish()
    }

    private func take() {
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        var hasNews = false
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            hasNews = buffer[..<count].withUnsafeBytes { Self.names($0).contains(where: isWanted) } || hasNews
        }
        if hasNews { pause.schedule(deadline: .now() + Self.moment) }
    }

    /// A name that counts, or a new directory: texts may be in it already.
    private func isWanted(_ name: String, isDirectory: Bool) -> Bool {
        isDirectory || !name.hasPrefix(".") && endings.contains(where: name.hasSuffix)
    }

    /// `struct inotify_event`, inotify(7): 16 bytes and a padded name.
    private static func names(_ bytes: UnsafeRawBufferPointer) -> [(name: String, isDirectory: Bool)] {
        var (found, at) = ([(name: String, isDirectory: Bool)](), 0)
        while at + 16 <= bytes.count {
            let mask = bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
            let length = Int(bytes.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
            let name = String(decoding: bytes[(at + 16)..<min(at + 16 + length, bytes.count)].prefix { $0 != 0 }, as: UTF8.self)
            found.append((name, mask & UInt32(IN_ISDIR) != 0))
            at += 16 + length
        }
        return found
    }
}

extension Host {
    /// The directories in a directory, without those whose names begin with a dot.
    static func directories(in parent: String) -> [String] {
        guard let stream = opendir(parent) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = name(of: entry)
            var status = stat()
            guard !name.hasPrefix("."), stat(parent + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
            found.append(parent + "/" + name)
        }
        return found
    }
}
