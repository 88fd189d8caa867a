/// What providers do that they should not, as scripts of a connection. A seed draws them; after `limit` connections all is well.
struct ProviderFaults: Sendable {
    let seed: UInt64
    let limit: Int

    typealias Step = ScriptedServer.Step

    /// - Parameter script: of a connection, by its number.
    func http(_ connection: Int) -> [Step] {
        var chance = SeededChance(state: seed &+ UInt64(connection))
        var steps: [Step] = []
        for _ in 0..<(connection < limit ? 6 : 1_000) {
            guard connection < limit, chance.next(below: 3) == 0 else {
                steps += Self.taken
                continue
            }
            let fault = Self.httpFaults[chance.next(below: Self.httpFaults.count)]
            return steps + fault
        }
        return steps
    }

    func mail(_ connection: Int) -> [Step] {
        var chance = SeededChance(state: seed &+ 1_000_000 &+ UInt64(connection))
        var steps = Self.greeting
        for _ in 0..<(connection < limit ? 4 : 200) {
            guard connection < limit, chance.next(below: 3) == 0 else {
                steps += Self.envelope + Self.mailTaken
                continue
            }
            return steps + Self.mailFaults[chance.next(below: Self.mailFaults.count)]
        }
        return steps
    }

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"id\":\"taken-1\"}"
    private static let taken: [Step] = [.readRequest, .take, .send(ok)]
    private static let kilobyte = String(repeating: "x", count: 1_000)

    private static let httpFaults: [[Step]] = refusals + cuts + silences

    /// Nothing was taken, and that is said.
    private static let refusals: [[Step]] = replies.map { [.readRequest, .send(refusal($0.status, wait: $0.wait))] }
    private static let replies: [(status: String, wait: String?)] = [
        ("503 Busy", "1"), ("503 Busy", nil), ("429 Slow", "1"), ("429 Slow", "0"), ("429 Slow", "-5"), ("429 Slow", "soon"),
        ("429 Slow", "1\r\nRetry-After: 2"), ("429 Slow", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ]

    private static func refusal(_ status: String, wait: String? = nil) -> String {
        "HTTP/1.1 \(status)\r\n\(wait.map { "Retry-After: \($0)\r\n" } ?? "")Content-Length: 0\r\n\r\n"
    }

    /// Nothing was taken, and nobody says so.
    private static let cuts: [[Step]] = [
        [], [.reset], [.readRequest], [.readRequest, .reset], [.readRequest, .send(refusal("500 Oops"))],
    ]

    /// Taken, and nobody is told: the first is the silent close after a request on a connection that was kept.
    private static let silences: [[Step]] = [
        [.readRequest, .take], [.readRequest, .take, .reset],
        [.readRequest, .take, .send("HTTP/1.1 200 OK\r\nContent-Le")],
        [.readRequest, .take, .send("HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"id\":")],
        [.readRequest, .take, .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")],
        [.readRequest, .take, .trickle(ok, every: .milliseconds(100))],
        [.readRequest, .take, .send("HTTP/1.1 200 OK\r\n\r\n"), .sendTimes(200, kilobyte)],
        [.readRequest, .take, .send(refusal("500 Oops"))], [.readRequest, .take, .send(refusal("502 Bad"))],
    ]

    private static let greeting: [Step] = [.send("220 mx ready\r\n"), .readLine, .send("250-mx\r\n250 8BITMIME\r\n")]
    private static let envelope: [Step] = [
        .readLine, .send("250 2.1.0 Ok\r\n"), .readLine, .send("250 2.1.5 Ok\r\n"), .readLine, .send("354 go\r\n"),
    ]
    private static let mailTaken: [Step] = [.readMessage, .take, .send("250 2.0.0 Ok: queued as 77\r\n")]

    private static let mailFaults: [[Step]] = mailRefusals + mailSilences

    /// Nothing was taken.
    private static let mailRefusals: [[Step]] = [
        [], [.readLine, .reset], [.readLine, .send("451 4.7.1 Later\r\n")], [.readLine, .send("421 4.3.2 going\r\n")],
        upTo(3, .send("450 4.2.1 Later\r\n")), upTo(4), upTo(5, .send("452 4.3.1 Full\r\n")), upTo(5),
        upTo(6, .readMessage, .send("451 4.3.0 Try\r\n")), upTo(6, .readMessage), upTo(6, .readMessage, .reset),
    ]

    /// Taken, and nobody is told.
    private static let mailSilences: [[Step]] = [
        upTo(6, .readMessage, .take), upTo(6, .readMessage, .take, .reset), upTo(6, .readMessage, .take, .send("250 2.0")),
    ]

    /// So many steps of the envelope, and then these.
    private static func upTo(_ count: Int, _ more: Step...) -> [Step] { Array(envelope[..<count]) + more }
}
