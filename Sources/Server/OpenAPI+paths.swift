import Core

extension OpenAPI {
    private static let key: [JSON] = [["key": []], [:]]
    private static let inbox: [JSON] = [["inbox": []]]
    private static let id: JSON = ["name": "id", "in": "path", "required": true, "schema": text]
    private static let account: JSON = ["name": "account", "in": "path", "required": true, "schema": text]
    private static let secret: JSON = [
        "name": "secret", "in": "path", "required": true, "schema": text, "description": "of providers that sign nothing",
    ]
    private static func query(_ name: String, _ schema: JSON, _ words: String) -> JSON {
        ["name": .string(name), "in": "query", "required": false, "schema": schema, "description": .string(words)]
    }
    private static func json(_ name: String) -> (type: String, schema: JSON) { ("application/json", ref(name)) }

    /// Path → method → operation.
    static let paths: [(String, JSON)] = [
        ("/healthz", ["get": open("health", "The process answers.")]),
        ("/readyz", ["get": open("readiness", "The store answers.", problems: [503])]),
        ("/openapi.json", ["get": open("document", "This document.", schema: ["type": "object"])]),
        ("/v1/events", ["post": events]),
        ("/v1/events/{id}", ["get": fate]),
        ("/v1/queue", ["post": queue]),
        ("/v1/inbox/tokens", ["post": token]),
        ("/v1/inbox/messages", ["get": messages]),
        (
            "/v1/inbox/messages/{id}",
            [
                "get": Operation(
                    id: "message", summary: "One item.", security: inbox, parameters: [id], answers: [(200, "The item.", json("Message"))],
                    problems: [401, 404]
                ).json
            ]
        ),
        ("/v1/inbox/messages/{id}/seen", ["post": mark("seen", "Marks an item as seen. The first time counts.")]),
        ("/v1/inbox/messages/{id}/read", ["post": mark("read", "Marks an item as read, and so as seen. The first time counts.")]),
        (
            "/v1/inbox/pushes/{id}/opened",
            ["post": mark("opened", "The customer has opened a push notice; the id is the payload's delivery. The first time counts.")]
        ),
        (
            "/v1/inbox/counts",
            [
                "get": Operation(
                    id: "counts", summary: "How many items are unseen and unread.", security: inbox,
                    answers: [(200, "The same numbers as in the list and the stream.", json("Counts"))], problems: [401]
                ).json
            ]
        ),
        ("/v1/inbox/stream", ["get": stream]),
        ("/v1/receipts/{account}", ["post": receipt("receive", [account]), "get": receipt("receiveByQuery", [account])]),
        (
            "/v1/receipts/{account}/{secret}",
            ["post": receipt("receiveUnsigned", [account, secret]), "get": receipt("receiveUnsignedByQuery", [account, secret])]
        ),
        ("/v1/customers/{id}", ["get": customer, "put": setCustomer, "patch": changeCustomer]),
        (
            "/v1/customers/{id}/erase",
            ["post": act("eraseCustomer", "Destroys a customer's data key and all that is known of them.", body: "Erasure", roles: "admin")]
        ),
        (
            "/v1/keys/rotate",
            [
                "post": act(
                    "rotateKeys", "Takes the new master key from the key file; data keys are wrapped anew by and by.", id: nil,
                    roles: "admin")
            ]
        ),
        (
            "/v1/keys/rotate-audit",
            [
                "post": act(
                    "rotateAuditKey", "Takes the new audit key from the key file; the key before announces it in a checkpoint.", id: nil,
                    roles: "admin")
            ]
        ),
        (
            "/v1/audit/exports",
            [
                "post": act(
                    "noteExport", "Writes down who takes a copy of the delivery log, and signs the log up to there.", body: "Export",
                    id: nil,
                    roles: "admin")
            ]
        ),
        (
            "/v1/backups",
            [
                "post": act(
                    "noteBackup", "Writes down who takes a copy of the store, and signs the log up to there.", body: "Backup", id: nil,
                    roles: "admin")
            ]
        ),
        ("/v1/dead/{id}/retry", ["post": act("retryDead", "A dead letter goes back to the stage that gave it up.")]),
        ("/v1/dead/{id}/discard", ["post": act("discardDead", "Closes a dead letter that nobody will try again.")]),
        ("/v1/dead/{id}/restore", ["post": act("restoreDead", "Opens a dead letter again that was discarded.")]),
        ("/v1/holds", ["get": holds, "post": act("addHold", "Keeps messages from leaving.", body: "HoldRequest", id: nil)]),
        ("/v1/holds/{id}/end", ["post": act("endHold", "Ends a hold: what is still true leaves.")]),
        (
            "/v1/complaints",
            [
                "post": act(
                    "addComplaint", "Records a complaint: the complaint officer is asked.", body: "ComplaintRequest", id: nil)
            ]
        ),
        ("/v1/audit", ["get": audit]), ("/v1/audit/stats", ["get": auditStats]),
        (
            "/v1/verdicts",
            ["post": act("judge", "Whether the words of a delivery were right; the reason is the note.", body: "Verdict", id: nil)]
        ),
        (
            "/v1/resends",
            ["post": act("resend", "Plans a message once more, if it is still true.", body: "ResendRequest", id: nil)]
        ),
        ("/v1/templates", ["get": templates]),
        (
            "/v1/templates/submit",
            ["post": act("submitTexts", "Keeps the texts of the directory; another person is to approve them.", id: nil)]
        ),
        (
            "/v1/templates/{id}/approve",
            ["post": act("approveTexts", "Says yes to texts that another person has submitted.", roles: "admin")]
        ),
        (
            "/v1/templates/{id}/reject",
            ["post": act("rejectTexts", "Says no to texts that another person has submitted.", roles: "admin")]
        ),
        (
            "/v1/templates/{id}/publish",
            ["post": act("publishTexts", "Puts texts in force, for a share of the customers or for all.", body: "PublishRequest")]
        ),
        ("/v1/templates/rollback", ["post": act("rollBackTexts", "Takes back what was published last.", id: nil)]),
        (
            "/v1/contacts",
            ["post": act("addContact", "Counts that a customer spoke with support.", body: "ComplaintRequest", id: nil)]
        ),
        ("/v1/complaints/{id}/end", ["post": act("endComplaint", "A complaint was answered: nobody is asked any more.")]),
        ("/v1/providers/{id}/test", ["post": test]),
        ("/v1/reviews/{id}/close", ["post": act("closeReview", "Closes a review item; the reason is its note.")]),
        ("/v1/providers/{id}/pause", ["post": act("pauseProvider", "Nothing more goes to an account until it is resumed.")]),
        ("/v1/providers/{id}/resume", ["post": act("resumeProvider", "An account gets messages again, also one that failed.")]),
        (
            "/v1/attempts/{id}/settle",
            ["post": act("settleAttempt", "What somebody found out about an attempt that nobody could know.", body: "Settling")]
        ),
        ("/v1/fence/release", ["post": act("releaseFence", "Lets a store that was brought back send again.", body: "Release", id: nil)]),
        ("/v1/disclosures", ["post": disclose]),
        ("/v1/reveals", ["post": grantReveal]),
        ("/v1/reveals/{id}", ["get": useReveal]),
        ("/v1/customers/{id}/export", ["post": exportCustomer]),
        ("/v1/system", ["get": system]),
    ]

    private static func open(_ id: String, _ summary: String, schema: JSON = ref("Status"), problems: [Int] = []) -> JSON {
        Operation(id: id, summary: summary, answers: [(200, "Yes.", ("application/json", schema))], problems: problems).json
    }

    private static let events = Operation(
        id: "putEvents", summary: "Takes CloudEvents 1.0: structured, batch, or binary with ce- headers.", security: key,
        roles: "ingest, admin",
        body: [
            ("application/cloudevents+json", ref("Event")), ("application/cloudevents-batch+json", list(of: ref("Event"))),
            ("application/json", ["type": "object", "description": "Binary mode: the event's data; attributes are ce- headers."]),
        ],
        answers: [
            (200, "Known before, same content; or a batch with nothing new.", json("Answer")),
            (202, "Stored, on disk. Location is its fate.", json("Answer")),
            (207, "A batch of which some were refused or are in conflict; the rest is stored.", json("Answer")),
        ], problems: [401, 403, 409, 413, 415, 422, 503]
    ).json

    private static let fate = Operation(
        id: "eventFate", summary: "What became of an event.", security: key, roles: "viewer, operator, admin",
        parameters: [id, query("source", text, "whose event of that id; needed when several sources use it")],
        answers: [
            (200, "Its disposition.", json("Fate")), (300, "Several sources use this id: the address of each.", json("Choices")),
        ],
        problems: [400, 401, 403, 404]
    ).json

    private static let queue = Operation(
        id: "putLines", summary: "Raw events, one a line. What cannot be accepted becomes a dead letter.", security: key,
        roles: "operator, admin",
        body: [("application/x-ndjson", text)], answers: [(200, "What became of the lines.", json("Lines"))],
        problems: [401, 403, 413, 415, 503]
    ).json

    private static let token = Operation(
        id: "issueToken", summary: "A token of fifteen minutes that opens one customer's inbox.", security: key, roles: "operator, admin",
        body: [json("TokenRequest")], answers: [(201, "The token.", json("Token"))], problems: [401, 403, 413, 415, 422]
    ).json

    private static let messages = Operation(
        id: "messages", summary: "A customer's items, newest first.", security: inbox,
        parameters: [
            query("state", ["type": "string", "enum": ["all", "unread"]], "which items"),
            query("limit", ["type": "integer", "minimum": 1, "maximum": 100], "items of one page, 20 if not given"),
            query("cursor", text, "the cursor of the page before"),
        ], answers: [(200, "A page and the counts, of one moment.", json("Page"))], problems: [400, 401]
    ).json

    private static func mark(_ id: String, _ summary: String) -> JSON {
        Operation(
            id: id, summary: summary, security: inbox, parameters: [Self.id], answers: [(204, "It is, or was before.", nil)],
            problems: [401, 404, 503]
        ).json
    }

    private static let stream = Operation(
        id: "stream", summary: "Server-sent events: message, counts, reset, expired.", security: inbox + [["inboxInAddress": []]],
        parameters: [
            [
                "name": "Last-Event-ID", "in": "header", "required": false, "schema": text,
                "description": "id of the last item; the stream goes on after it",
            ]
        ], answers: [(200, "Open until the token runs out or the server stops.", ("text/event-stream", text))], problems: [401, 429, 503]
    ).json

    private static func receipt(_ id: String, _ parameters: [JSON]) -> JSON {
        Operation(
            id: id, summary: "What a provider says became of a message, in the provider's own form.", parameters: parameters,
            answers: [(204, "Kept, on disk.", nil)], problems: [403, 404, 413, 415, 422, 503]
        ).json
    }

    private static let audit = Operation(
        id: "audit", summary: "Deliveries that match, newest first, masked.", security: key, roles: "viewer, operator, admin",
        parameters: [
            query("q", text, "words of the search language: kind:risk_hold channel:sms -state:read since:24h"),
            query("limit", ["type": "integer", "minimum": 1, "maximum": 1000], "deliveries of one page, 50 if not given"),
            query("after", text, "the cursor of the page before"),
            query("facets", ["type": "boolean"], "count what matches by its words"),
        ], answers: [(200, "A page, and the counts if they were asked for.", json("Found"))], problems: [400, 401, 403]
    ).json

    private static let auditStats = Operation(
        id: "auditStats", summary: "Sums of the deliveries of a span: states, how long the first took, cost.", security: key,
        roles: "viewer, operator, admin",
        parameters: [
            query("by", text, "sums of each bank, rail, provider, kind, stage, locale, channel or priority; several by commas"),
            query("since", text, "planned from then on: 24h, 2026-11-18, RFC 3339"), query("until", text, "planned before"),
        ], answers: [(200, "The sums, or groups of them.", json("Stats"))], problems: [400, 401, 403]
    ).json

    private static let customer = Operation(
        id: "customer", summary: "A customer's record, masked.", security: key, roles: "viewer, operator, admin", parameters: [id],
        answers: [(200, "The record.", json("Customer"))], problems: [401, 403, 404]
    ).json

    private static let setCustomer = Operation(
        id: "setCustomer", summary: "Replaces a customer's record.", security: key, roles: "operator, admin", parameters: [id],
        body: [json("CustomerRecord")], answers: [(200, "The record, masked.", json("Customer"))], problems: [401, 403, 413, 415, 422, 503]
    ).json

    private static let changeCustomer = Operation(
        id: "changeCustomer", summary: "Changes what is named of a customer's record, and keeps the rest.", security: key,
        roles: "operator, admin", parameters: [id], body: [json("CustomerChange")],
        answers: [(200, "The record, masked.", json("Customer"))], problems: [401, 403, 413, 415, 422, 503]
    ).json
    private static let disclose = Operation(
        id: "disclose", summary: "Records who is about to see unmasked addresses, and why. The answer holds none.", security: key,
        roles: "admin", body: [json("Disclosure")], answers: [(200, "Recorded.", json("Done"))],
        problems: [401, 403, 404, 409, 413, 415, 422, 503]
    ).json
    private static let grantReveal = Operation(
        id: "grantReveal", summary: "For some minutes the addresses of one customer or order may be seen as they are; recorded.",
        security: key,
        roles: "admin", body: [json("RevealRequest")], answers: [(201, "Its name, and until when.", json("Reveal"))],
        problems: [401, 403, 404, 413, 415, 422, 503]
    ).json
    private static let useReveal = Operation(
        id: "useReveal", summary: "The addresses that a grant lets be seen, as they are; each look is recorded.", security: key,
        roles: "admin",
        parameters: [id], answers: [(200, "Unmasked.", ("application/json", ["type": "object"]))], problems: [401, 403, 404, 410, 503]
    ).json
    private static let exportCustomer = Operation(
        id: "exportCustomer", summary: "Everything that is held about a customer, for them; recorded.", security: key, roles: "admin",
        parameters: [id], body: [json("Act")], answers: [(200, "Unmasked.", ("application/json", ["type": "object"]))],
        problems: [401, 403, 404, 413, 415, 422, 503]
    ).json
    private static let system = Operation(
        id: "system", summary: "Versions, the store's settings as its writer reports them, its lock.", security: key,
        roles: "viewer, operator, admin", answers: [(200, "The facts.", json("System"))], problems: [401, 403, 404]
    ).json
    private static let holds = Operation(
        id: "holds", summary: "What operators keep from leaving.", security: key, roles: "viewer, operator, admin",
        parameters: [
            query("all", ["type": "boolean"], "those that are over too"),
            query("limit", ["type": "integer", "minimum": 1, "maximum": 1000], "at most so many, 50 if not given"),
        ], answers: [(200, "The holds, newest first, each with what it holds.", json("Holds"))], problems: [401, 403]
    ).json
    private static let templates = Operation(
        id: "templates", summary: "Which texts are in force, for whom, and what those lead to that a share of the customers gets.",
        security: key, roles: "viewer, operator, admin",
        parameters: [query("limit", ["type": "integer", "minimum": 1, "maximum": 1000], "at most so many, 50 if not given")],
        answers: [(200, "The kept revisions, newest first.", json("Templates"))], problems: [401, 403]
    ).json
    private static let test = Operation(
        id: "testProvider", summary: "Sends one real message through an account.", security: key, roles: "operator, admin",
        parameters: [id], body: [json("TestRequest")], answers: [(200, "What the provider said.", json("TestResult"))],
        problems: [401, 403, 404, 409, 413, 415, 422, 503]
    ).json
    private static func act(
        _ id: String, _ summary: String, body: String = "Act", id parameter: JSON? = Self.id, roles: String = "operator, admin"
    ) -> JSON {
        Operation(
            id: id, summary: summary, security: key, roles: roles, parameters: [parameter].compactMap(\.self),
            body: [json(body)],
            answers: [(200, "Done.", json("Done"))], problems: [401, 403, 404, 409, 413, 415, 422, 503]
        ).json
    }
}
