import Core
import Pages

extension Page {
    /// Takes a form of the page. Answers a browser with the way back, anything else with the switches as JSON.
    ///
    /// `POST /_switch`: `provider` (or `all`), `fail` = `none`, `status`, `throttle`, `drop`, `drop-after-accept`, `undelivered`; and, each with a default,
    /// `status` 503, `retry` 30 (seconds), `percent` 100, `stall` 0 (ms), `times` (empty: for ever).
    /// `POST /_retire`: `recipient`, or `row` = number of a row of theirs; `back=1` restores.
    func change(_ request: Incoming) -> Answer {
        let form = Form(request.body)
        let problem: String?
        switch request.path {
        case "/_switch": problem = flip(form)
        case "/_retire": problem = retire(form)
        default: return Answer.text(404, "not found").hardened()
        }
        if let problem { return Answer.json(422, ["error": .string(problem)]).hardened() }
        if request.header("accept")?.contains("text/html") == true {
            let anchor = form["provider"].flatMap(StandIn.init(rawValue:)).map { "#switch-\($0.rawValue)" } ?? ""
            return Answer(status: 303, headers: [("location", "/\(anchor)")]).hardened()
        }
        return Answer.json(200, switches.json).hardened()
    }

    private func flip(_ form: Form) -> String? {
        let chosen: [StandIn]
        if form["provider"] == "all" {
            chosen = StandIn.allCases
        } else {
            guard let one = form["provider"].flatMap(StandIn.init(rawValue:)) else { return "provider: not one of the stand-ins" }
            chosen = [one]
        }
        var numbers: [String: Int] = ["status": 503, "retry": 30, "percent": 100, "stall": 0]
        for (name, range) in [
            ("status", 400...599), ("retry", 0...86_400), ("percent", 0...100), ("stall", 0...600_000), ("times", 1...1_000_000),
        ] {
            guard let text = form.filled(name) else { continue }
            guard let value = Int(text), range.contains(value) else {
                return "\(name): a whole number from \(range.lowerBound) to \(range.upperBound)"
            }
            numbers[name] = value
        }
        let kind: Fault.Kind
        switch form["fail"] ?? "none" {
        case "none": kind = .none
        case "status": kind = .status(numbers["status"]!)
        case "throttle": kind = .throttle(retryAfter: numbers["retry"]!)
        case "drop": kind = .drop
        case "drop-after-accept": kind = .dropAfterAccept
        case "undelivered": kind = .undelivered
        default: return "fail: none, status, throttle, drop, drop-after-accept or undelivered"
        }
        for standIn in chosen {
            switches.set(Fault(kind, percent: numbers["percent"]!, stall: numbers["stall"]!, times: numbers["times"]), for: standIn)
        }
        return nil
    }

    private func retire(_ form: Form) -> String? {
        guard let recipient = form.filled("recipient") ?? form["row"].flatMap({ Int($0) }).flatMap({ ledger.row($0)?.recipient }) else {
            return "recipient: missing, or no such row"
        }
        if form["back"] == "1" { switches.restore(recipient) } else { switches.retire(recipient) }
        return nil
    }

    // MARK: Forms

    func switchBoard() -> String { "<div id=\"board\" class=\"board\">\(StandIn.allCases.map(panel).joined())</div>" }

    private func panel(_ standIn: StandIn) -> String {
        let fault = switches.fault(for: standIn)
        let name = standIn.rawValue
        let options = [
            ("none", "Works"), ("status", "Refuses with an error"), ("throttle", "Says: slow down"), ("drop", "Hangs up, accepts nothing"),
            ("drop-after-accept", "Accepts, then hangs up"), ("undelivered", "Accepts, then cannot deliver"),
        ].map { "<option value=\"\($0)\"\(fault.word == $0 ? " selected" : "")>\($1)</option>" }.joined()
        func number(_ field: String, _ label: String, _ value: Int?, _ unit: String) -> String {
            "<label for=\"\(name)-\(field)\">\(label)</label><span class=\"unit\"><input id=\"\(name)-\(field)\" name=\"\(field)\" type=\"number\" "
                + "inputmode=\"numeric\" min=\"0\" value=\"\(value.map(String.init) ?? "")\"> \(unit)</span>"
        }
        let isNormal = fault == .none
        return """
            <section class="switch\(isNormal ? "" : " broken")" id="switch-\(name)" data-version="\(ledger.count(of: standIn)).\(escaped(fault.words))" aria-labelledby="h-\(name)">
            <h3 id="h-\(name)">\(standIn.title) <small>\(ledger.count(of: standIn)) accepted</small></h3>
            <p class="state">\(isNormal ? "<b>✓</b> works" : "<b>✗</b> \(escaped(fault.words))")</p>
            <form method="post" action="/_switch" class="quick"><input type="hidden" name="provider" value="\(name)">
            <input type="hidden" name="fail" value="\(isNormal ? "status" : "none")">
            <button\(isNormal ? "" : " class=\"go\"")>\(isNormal ? "Stop" : "Start") <span class="hidden">\(standIn.title)</span></button></form>
            <details><summary>More ways to fail<span class="hidden"> for \(standIn.title)</span></summary>
            <form method="post" action="/_switch" class="fields"><input type="hidden" name="provider" value="\(name)">
            <label for="\(name)-fail">What it does</label><select id="\(name)-fail" name="fail">\(options)</select>
            \(number("percent", "To", fault.percent, "% of requests"))
            \(number("stall", "After waiting", fault.stall, "ms"))
            \(number("status", "Error status", fault.status, ""))
            \(number("retry", "Retry after", fault.retry, "s"))
            \(number("times", "Only the first", fault.times, "hits"))
            <button>Set <span class="hidden">\(standIn.title)</span></button></form></details>
            </section>
            """
    }
}

extension Fault {
    /// The value of the form's `fail`.
    var word: String {
        switch kind {
        case .none: "none"
        case .status: "status"
        case .throttle: "throttle"
        case .drop: "drop"
        case .dropAfterAccept: "drop-after-accept"
        case .undelivered: "undelivered"
        }
    }
    var status: Int { if case .status(let code) = kind { code } else { 503 } }
    var retry: Int { if case .throttle(let seconds) = kind { seconds } else { 30 } }

    var words: String {
        let what =
            switch kind {
            case .none: "works"
            case .status(let code): "refuses with \(code)"
            case .throttle(let seconds): "says: slow down, \(seconds) s"
            case .drop: "hangs up, accepts nothing"
            case .dropAfterAccept: "accepts, then hangs up"
            case .undelivered: "accepts, then cannot deliver"
            }
        return what + (percent == 100 ? "" : ", \(percent) % of requests") + (stall == 0 ? "" : ", after \(stall) ms")
    }
}

extension Switches {
    /// `{"twilio":{"fail":"none","percent":100,"stall":0,"requests":3},…}`
    var json: JSON {
        .object(
            StandIn.allCases.map { standIn in
                let fault = fault(for: standIn)
                var members: [(String, JSON)] = [
                    ("fail", .string(fault.word)), ("percent", .integer(fault.percent)), ("stall", .integer(fault.stall)),
                    ("requests", .integer(requests(to: standIn))),
                ]
                if case .status(let code) = fault.kind { members.append(("status", .integer(code))) }
                if case .throttle(let seconds) = fault.kind { members.append(("retry", .integer(seconds))) }
                if let times = fault.times { members.append(("times", .integer(times))) }
                return (standIn.rawValue, .object(members))
            })
    }
}
