import Core

/// One SMTP connection as a state machine: bytes in, steps out. RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 2920 (PIPELINING), 1870 (SIZE).
///
/// After `.startTLS`, `.message` and `.close` it stops reading; the owner acts and calls `resumed()`.
struct SMTPSession {
    struct Rules: Sendable {
        /// MAIL before STARTTLS is 530, AUTH is 538.
        var requiresTLS = true
        var requiresLogin = false
        /// The only login that is taken; nil takes any that is not empty.
        var login: (user: String, password: String)?
        var maximumSize = 10 << 20
        var isRetired: @Sendable (String) -> Bool = { _ in false }
    }
    struct Envelope: Equatable {
        var from: String
        var to: [String]
        /// Dots unstuffed, CRLF line ends kept, without the final dot.
        var data: [UInt8] = []
    }
    enum Step: Equatable {
        case reply(String)
        /// After its 220 has left: anything read before the handshake is forgotten.
        case startTLS
        case message(Envelope)
        case close
    }
    private enum Mode { case command, plainLogin, loginUser, loginPassword(String), data, held }

    static let longestLine = 12_288
    private let rules: Rules
    private var isSecure: Bool
    private var mode = Mode.command
    private var greeted = false
    private var loggedIn = false
    private var from: String?
    private var to: [String] = []
    private var data: [UInt8] = []
    private var tooBig = false
    private var input: [UInt8] = []
    /// Bytes of `input` that have been searched for a line end.
    private var searched = 0

    init(rules: Rules, isSecure: Bool) { (self.rules, self.isSecure) = (rules, isSecure) }

    static let greeting = "220 sandbox.clarion.invalid ESMTP ready"

    mutating func receive(_ bytes: some Sequence<UInt8>) -> [Step] {
        input.append(contentsOf: bytes)
        return advance()
    }

    /// The owner has done what the last step asked for.
    mutating func resumed() -> [Step] {
        mode = .command
        return advance()
    }

    /// TLS is up: RFC 3207 section 4.2 wants all knowledge from before to be dropped.
    mutating func secured() {
        self = SMTPSession(rules: rules, isSecure: true)
    }

    private mutating func advance() -> [Step] {
        var steps: [Step] = []
        var start = 0
        while true {
            if case .held = mode { break }
            guard let end = input[max(start, searched)...].firstIndex(of: 0x0A) else {
                searched = input.count
                break
            }
            searched = end + 1
            let hasReturn = end > start && input[end - 1] == 0x0D
            if case .data = mode {
                // A bare LF ends no line: otherwise two servers could see two different mails.
                guard hasReturn else { continue }
                dataLine(input[start...end], &steps)
            } else {
                command(input[start..<(hasReturn ? end - 1 : end)], &steps)
            }
            start = end + 1
        }
        if input.count - start > max(Self.longestLine, rules.maximumSize) {
            steps += [.reply("500 5.5.2 line too long"), .close]
            mode = .held
        }
        input.removeFirst(start)
        searched -= min(searched, start)
        return steps
    }

    private mutating func dataLine(_ line: ArraySlice<UInt8>, _ steps: inout [Step]) {
        if line.elementsEqual([0x2E, 0x0D, 0x0A]) {
            let envelope = Envelope(from: from ?? "", to: to, data: data)
            let refused = tooBig
            reset()
            mode = refused ? .command : .held
            steps.append(refused ? .reply("552 5.3.4 message too big") : .message(envelope))
            return
        }
        let content = line.first == 0x2E ? line.dropFirst() : line
        tooBig = tooBig || data.count + content.count > rules.maximumSize
        if !tooBig { data.append(contentsOf: content) }
    }

    private mutating func reset() { (from, to, data, tooBig) = (nil, [], [], false) }

    private mutating func command(_ line: ArraySlice<UInt8>, _ steps: inout [Step]) {
        let text = String(decoding: line, as: UTF8.self)
        switch mode {
        case .plainLogin: return plain(text, &steps)
        case .loginUser: return loginUser(text, &steps)
        case .loginPassword(let user): return finishLogin(user, decoded(text), &steps)
        case .command, .data, .held: break
        }
        let verb = text.prefix { $0 != " " }.uppercased()
        let rest = text.dropFirst(verb.count).trimmingSpaces
        switch verb {
        case "EHLO", "HELO": hello(verb, rest, &steps)
        case "STARTTLS": startTLS(&steps)
        case "AUTH": auth(rest, &steps)
        case "MAIL": mail(rest, &steps)
        case "RCPT": recipient(rest, &steps)
        case "DATA": beginData(&steps)
        case "RSET":
            reset()
            steps.append(.reply("250 2.0.0 flushed"))
        case "NOOP": steps.append(.reply("250 2.0.0 ok"))
        case "VRFY": steps.append(.reply("252 2.5.0 send some mail"))
        case "QUIT":
            mode = .held
            steps += [.reply("221 2.0.0 bye"), .close]
        default: steps.append(.reply("500 5.5.2 unknown command"))
        }
    }
}

// MARK: - Commands

extension SMTPSession {
    private mutating func hello(_ verb: String, _ name: String, _ steps: inout [Step]) {
        guard !name.isEmpty else { return steps.append(.reply("501 5.5.4 give your name")) }
        reset()
        greeted = true
        guard verb == "EHLO" else { return steps.append(.reply("250 sandbox.clarion.invalid")) }
        var lines = ["sandbox.clarion.invalid greets you", "PIPELINING", "SIZE \(rules.maximumSize)", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if !isSecure { lines.append("STARTTLS") }
        if isSecure || !rules.requiresTLS { lines.append("AUTH PLAIN LOGIN") }
        for (n, line) in lines.enumerated() { steps.append(.reply("250\(n == lines.count - 1 ? " " : "-")\(line)")) }
    }

    private mutating func startTLS(_ steps: inout [Step]) {
        guard !isSecure else { return steps.append(.reply("503 5.5.1 TLS is up already")) }
        input.removeSubrange(searched...)
        mode = .held
        steps += [.reply("220 2.0.0 ready for TLS"), .startTLS]
    }

    private mutating func auth(_ arguments: String, _ steps: inout [Step]) {
        guard isSecure || !rules.requiresTLS else { return steps.append(.reply("538 5.7.11 encryption required for this mechanism")) }
        guard greeted, !loggedIn, from == nil else { return steps.append(.reply("503 5.5.1 not now")) }
        let words = arguments.split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first?.uppercased(), words.count > 1 ? words[1] : nil) {
        case ("PLAIN", let first?): plain(first, &steps)
        case ("PLAIN", nil):
            mode = .plainLogin
            steps.append(.reply("334 "))
        case ("LOGIN", let first?): loginUser(first, &steps)
        case ("LOGIN", nil):
            mode = .loginUser
            steps.append(.reply("334 VXNlcm5hbWU6"))
        default: steps.append(.reply("504 5.5.4 mechanism not known"))
        }
    }

    private func decoded(_ text: String) -> [UInt8]? { text == "*" ? nil : base64Decoded(text.utf8) }

    /// RFC 4616: authorization identity, NUL, user, NUL, password.
    private mutating func plain(_ text: String, _ steps: inout [Step]) {
        let parts = decoded(text)?.split(separator: 0, omittingEmptySubsequences: false)
        guard let parts, parts.count == 3 else {
            mode = .command
            return steps.append(.reply("501 5.5.2 not a PLAIN response"))
        }
        finishLogin(String(decoding: parts[1], as: UTF8.self), Array(parts[2]), &steps)
    }

    private mutating func loginUser(_ text: String, _ steps: inout [Step]) {
        guard let user = decoded(text) else {
            mode = .command
            return steps.append(.reply("501 5.5.2 cancelled"))
        }
        mode = .loginPassword(String(decoding: user, as: UTF8.self))
        steps.append(.reply("334 UGFzc3dvcmQ6"))
    }

    private mutating func finishLogin(_ user: String, _ password: [UInt8]?, _ steps: inout [Step]) {
        mode = .command
        guard let password else { return steps.append(.reply("501 5.5.2 cancelled")) }
        let given = String(decoding: password, as: UTF8.self)
        let isRight = rules.login.map { $0.user == user && $0.password == given } ?? (!user.isEmpty && !given.isEmpty)
        loggedIn = isRight
        steps.append(.reply(isRight ? "235 2.7.0 welcome" : "535 5.7.8 authentication failed"))
    }

    private mutating func mail(_ arguments: String, _ steps: inout [Step]) {
        guard isSecure || !rules.requiresTLS else { return steps.append(.reply("530 5.7.0 must issue a STARTTLS command first")) }
        guard greeted else { return steps.append(.reply("503 5.5.1 EHLO first")) }
        guard loggedIn || !rules.requiresLogin else { return steps.append(.reply("530 5.7.0 authentication required")) }
        guard from == nil else { return steps.append(.reply("503 5.5.1 MAIL was given")) }
        guard let (path, parameters) = Self.path(arguments, after: "FROM:") else {
            return steps.append(.reply("501 5.5.4 MAIL FROM:<address>"))
        }
        if let size = parameters.first(where: { $0.hasPrefix("SIZE=") }), (Int(size.dropFirst(5)) ?? .max) > rules.maximumSize {
            return steps.append(.reply("552 5.3.4 message too big"))
        }
        from = path
        steps.append(.reply("250 2.1.0 ok"))
    }

    private mutating func recipient(_ arguments: String, _ steps: inout [Step]) {
        guard from != nil else { return steps.append(.reply("503 5.5.1 MAIL first")) }
        guard let (path, _) = Self.path(arguments, after: "TO:"), let at = path.lastIndex(of: "@"), at != path.startIndex,
            path.index(after: at) != path.endIndex
        else { return steps.append(.reply("501 5.1.3 RCPT TO:<address>")) }
        guard to.count < 100 else { return steps.append(.reply("452 4.5.3 too many recipients")) }
        guard !rules.isRetired(path) else { return steps.append(.reply("550 5.1.1 no such mailbox")) }
        to.append(path)
        steps.append(.reply("250 2.1.5 ok"))
    }

    private mutating func beginData(_ steps: inout [Step]) {
        guard !to.isEmpty else { return steps.append(.reply(from == nil ? "503 5.5.1 MAIL first" : "554 5.5.1 no valid recipients")) }
        mode = .data
        steps.append(.reply("354 end with a dot on a line of its own"))
    }

    /// `FROM:<a@b> SIZE=1` as the address and its parameters in upper case; the address may be empty.
    private static func path(_ text: String, after word: String) -> (String, [String])? {
        guard text.prefix(word.count).uppercased() == word else { return nil }
        let rest = text.dropFirst(word.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        let address = String(rest[rest.index(after: rest.startIndex)..<end])
        guard address.utf8.count <= 254, address.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x3C }) else { return nil }
        return (address, rest[rest.index(after: end)...].split(separator: " ").map { $0.uppercased() })
    }
}
