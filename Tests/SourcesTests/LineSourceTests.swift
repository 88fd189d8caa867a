import Glibc
import Sources
import Testing

@Suite struct LineSourceTests {
    private func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        precondition(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func lines(of text: String, limit: Int) throws -> [[String]] {
        let (read, write) = pipe()
        let bytes = Array(text.utf8)
        precondition(Glibc.write(write, bytes, bytes.count) == bytes.count)
        close(write)
        defer { close(read) }
        var source = try LineSource("/dev/fd/\(read)")
        var out: [[String]] = []
        while true {
            let batch = try source.next(limit)
            guard !batch.isEmpty else { return out }
            out.append(batch.map { "\($0.position):\(String(decoding: $0.bytes, as: UTF8.self))" })
        }
    }

    @Test(arguments: [
        ("", []),
        ("a\n", [["1:a"]]),
        ("a\nb", [["1:a"], ["2:b"]]),
        ("a\r\nb\r\n", [["1:a", "2:b"]]),
        ("a\n\nb\n", [["1:a", "2:"], ["3:b"]]),
        ("\n", [["1:"]]),
    ])
    func aLineIsAnEvent(_ text: String, _ expected: [[String]]) throws {
        #expect(try lines(of: text, limit: 2) == expected)
    }

    @Test("a line longer than what one read gives is one event") func longLine() throws {
        let long = String(repeating: "x", count: 150_000)
        let (read, write) = pipe()
        let path = "/dev/fd/\(read)"
        let bytes = Array((long + "\nshort\n").utf8)
        let writer = Thread {
            var sent = 0
            while sent < bytes.count { sent += bytes[sent...].withUnsafeBytes { Glibc.write(write, $0.baseAddress, $0.count) } }
            close(write)
        }
        var source = try LineSource(path)
        let events = try source.rest()
        writer.join()
        close(read)
        #expect(events.map(\.bytes.count) == [150_000, 5])
        #expect(events.map(\.position) == [1, 2])
    }

    @Test("a live pipe gives what is there before its end comes") func livePipe() throws {
        let (read, write) = pipe()
        defer { close(read) }
        var source = try LineSource("/dev/fd/\(read)")
        for n in 1...3 {
            let text = Array("event \(n)\n".utf8)
            precondition(Glibc.write(write, text, text.count) == text.count)
            // Would wait for ever if a full batch were wanted.
            #expect(try source.next(256).map(\.position) == [n])
        }
        close(write)
        #expect(try source.next(256).isEmpty)
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: SourceProblem("/nowhere/events.jsonl", "No such file or directory")) {
            _ = try LineSource("/nowhere/events.jsonl").name
        }
    }
}

/// A thread that can be waited for.
private struct Thread {
    private let handle: pthread_t
    init(_ body: @escaping () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread, nil,
            { raw in
                Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        handle = thread
    }
    func join() { pthread_join(handle, nil) }

    private final class Box {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
