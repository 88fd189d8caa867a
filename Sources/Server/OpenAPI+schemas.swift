import Core

extension OpenAPI {
    private static let count: JSON = ["type": "integer", "minimum": 0]
    private static let channels: JSON = list(of: ["type": "string", "enum": ["sms", "push", "mail", "voice"]])

    static let schemas: [(String, JSON)] = [
        (
            "Problem",
            object(
                [
                    ("type", text), ("title", text), ("status", ["type": "integer"]), ("detail", text),
                    ("errors", list(of: ref("FieldError"))),
                ],
                required: ["type", "title", "status"])
        ),
        ("FieldError", object([("field", text), ("pointer", text), ("detail", text)], required: ["field", "pointer", "detail"])),
        ("Status", object([("status", text)], required: ["status"])),
        (
            "Event",
            object(
                [
                    ("specversion", ["type": "string", "const": "1.0"]), ("id", text), ("source", text), ("type", text), ("subject", text),
                    ("time", moment), ("datacontenttype", text), ("receivedat", moment), ("data", ["type": "object"]),
                ], required: ["specversion", "id", "source", "type", "subject", "time", "data"])
        ),
        (
            "Answer",
            [
                "oneOf": [
                    object([("id", text), ("status", ["enum": ["accepted", "duplicate"]])], required: ["id", "status"]),
                    object([("results", list(of: ref("Result")))], required: ["results"]),
                ]
            ]
        ),
        (
            "Result",
            object(
                [("id", text), ("status", ["enum": ["accepted", "duplicate", "conflict", "refused"]]), ("problem", ref("Problem"))],
                required: ["status"])
        ),
        (
            "Fate",
            object(
                [
                    ("id", text), ("source", text), ("type", text), ("received_at", moment),
                    ("disposition", ["enum": ["received", "pending", "planned", "suppressed", "stale", "recorded"]]),
                    ("reason", orNull("string")), ("order", orNull("string")),
                ], required: ["id", "source", "type", "received_at", "disposition", "reason", "order"])
        ),
        (
            "Choices",
            object(
                [("choices", list(of: object([("source", text), ("href", text)], required: ["source", "href"])))], required: ["choices"])
        ),
        (
            "Lines",
            object(
                [
                    ("accepted", count), ("duplicate", count), ("conflict", count), ("rejected", count),
                    (
                        "problems",
                        list(
                            of: object(
                                [("line", ["type": "integer", "minimum": 1]), ("errors", list(of: ref("FieldError")))],
                                required: ["line", "errors"]))
                    ),
                ], required: ["accepted", "duplicate", "conflict", "rejected", "problems"])
        ),
        ("TokenRequest", object([("customer", text)], required: ["customer"])),
        ("Token", object([("token", text), ("expires", moment)], required: ["token", "expires"])),
        (
            "Message",
            object(
                [
                    ("id", text), ("order", text), ("kind", text), ("stage", text), ("locale", text), ("title", text), ("body", text),
                    ("link", orNull("string", format: "uri")), ("created_at", moment), ("seen_at", orNull("string", format: "date-time")),
                    ("read_at", orNull("string", format: "date-time")),
                ], required: ["id", "order", "kind", "stage", "locale", "title", "body", "link", "created_at", "seen_at", "read_at"])
        ),
        (
            "Page",
            object(
                [("messages", list(of: ref("Message"))), ("unseen", count), ("unread", count), ("cursor", orNull("string"))],
                required: ["messages", "unseen", "unread", "cursor"])
        ),
        ("Counts", object([("unseen", count), ("unread", count)], required: ["unseen", "unread"])),
        (
            "CustomerRecord",
            object(
                [
                    ("locale", orNull("string")), ("time_zone", orNull("string")), ("private_preview", orNull("boolean")),
                    ("off", channels),
                    ("contacts", ["type": "object", "additionalProperties": ref("Contact")]),
                ], required: [])
        ),
        (
            "Contact",
            object([("address", orNull("string")), ("standing", ["enum": ["verified", "unverified", "dead"]])], required: [])
        ),
        (
            "Customer",
            ["allOf": [ref("CustomerRecord"), object([("id", text)], required: ["id"])], "description": "Addresses are masked."]
        ),
        (
            "CustomerChange",
            object(
                [
                    ("locale", text), ("time_zone", text), ("private_preview", ["type": "boolean"]), ("opt_out", channels),
                    ("opt_in", channels), ("contacts", ["type": "object", "additionalProperties": ref("Contact")]), ("reason", text),
                    ("who", text),
                ], required: ["reason"])
        ),
        (
            "RevealRequest",
            object(
                [
                    ("order", text), ("customer", text), ("minutes", ["type": "integer", "minimum": 1, "maximum": 60, "default": 15]),
                    ("reason", text), ("who", text),
                ], required: ["reason"])
        ),
        ("Reveal", object([("reveal", text), ("until", text)], required: ["reveal", "until"])),
        (
            "Disclosure",
            object([("order", text), ("delivery", text), ("customer", text), ("reason", text), ("who", text)], required: ["reason"])
        ),
        (
            "System",
            object(
                [
                    ("version", text), ("started_at", moment), ("process", count), ("libraries", text),
                    ("receipts", ["type": "object", "additionalProperties": count]),
                    (
                        "clock",
                        object(
                            [("ahead_ms", ["type": "integer"]), ("steps", count), ("doubtful", ["type": "boolean"])],
                            required: ["ahead_ms", "steps", "doubtful"])
                    ),
                    ("store", ["type": "object", "additionalProperties": text]),
                ], required: ["version", "started_at", "process", "libraries", "store"])
        ),
        ("Act", object([("reason", text), ("who", text)], required: ["reason"])),
        ("Release", object([("discard", ["type": "boolean"]), ("reason", text), ("who", text)], required: ["discard", "reason"])),
        ("Export", object([("what", text), ("order", text), ("reason", text), ("who", text)], required: ["reason"])),
        ("Backup", object([("file", text), ("reason", text), ("who", text)], required: ["file", "reason"])),
        ("Erasure", object([("even_if_open", ["type": "boolean"]), ("reason", text), ("who", text)], required: ["reason"])),
        ("Settling", object([("taken", ["type": "boolean"]), ("reason", text), ("who", text)], required: ["taken", "reason"])),
        (
            "PublishRequest",
            object(
                [("percent", ["type": "integer", "minimum": 1, "maximum": 100]), ("reason", text), ("who", text)],
                required: ["percent", "reason"])
        ),
        (
            "Templates",
            object(
                [
                    ("revisions", ["type": "array", "items": ["type": "object"]]),
                    ("running", ["description": "what runs, beside what was before; null: nothing", "type": ["object", "null"]]),
                ], required: ["revisions", "running"])
        ),
        (
            "Found",
            object(
                [
                    ("schema", text), ("masked", ["type": "boolean"]), ("more", ["type": "boolean"]), ("cursor", orNull("string")),
                    ("deliveries", ["type": "array", "items": ["type": "object"]]), ("total", ["type": "integer"]),
                    ("facets", ["type": "object", "description": "name → word → count"]),
                ], required: ["schema", "masked", "more", "cursor", "deliveries"])
        ),
        (
            "Stats",
            object(
                [
                    ("schema", text), ("since", orNull("string")), ("until", orNull("string")),
                    ("by", ["type": "array", "items": ["type": "string"]]), ("groups", ["type": "array", "items": ["type": "object"]]),
                    ("deliveries", ["type": "object", "description": "channel → state → count"]), ("reasons", ["type": "object"]),
                    ("notices_by_kind", ["type": "object"]), ("latency_s", ["type": "object"]), ("sms_parts", ["type": "integer"]),
                    ("sms_unmeasured", ["type": "integer"]), ("cost", orNull("string")),
                    ("receipts", ["type": "array", "items": ["type": "object"]]),
                    ("events", ["type": "object"]),
                ], required: ["schema", "since", "until"])
        ),
        (
            "Verdict",
            object(
                [("delivery", text), ("right", ["type": "boolean"]), ("reason", text), ("who", text)],
                required: ["delivery", "right", "reason"])
        ),
        (
            "ResendRequest",
            object(
                [
                    ("delivery", text), ("order", text), ("channel", text), ("even_if_in_doubt", ["type": "boolean"]), ("reason", text),
                    ("who", text),
                ], required: ["reason"])
        ),
        ("ComplaintRequest", object([("order", text), ("reason", text), ("who", text)], required: ["order", "reason"])),
        (
            "HoldRequest",
            object(
                [
                    ("order", text), ("customer", text), ("bank", text), ("rail", text), ("kind", text), ("channel", text),
                    ("everything", ["type": "boolean"]), ("for", ["type": "integer", "minimum": 1, "description": "seconds"]),
                    ("reason", text), ("who", text),
                ], required: ["reason"])
        ),
        (
            "Hold",
            object(
                [
                    ("hold", text), ("order", text), ("customer", text), ("bank", text), ("rail", text), ("kind", text), ("channel", text),
                    ("who", text), ("reason", text), ("since", moment), ("until", moment), ("ended_at", moment), ("ended_by", text),
                    ("end_reason", text),
                    (
                        "counts",
                        [
                            "type": "object",
                            "additionalProperties": object([("waiting", count), ("held", count)], required: ["waiting", "held"]),
                        ]
                    ),
                ], required: ["hold", "who", "reason", "since", "counts"])
        ),
        ("Holds", object([("holds", list(of: ref("Hold")))], required: ["holds"])),
        ("TestRequest", object([("to", text), ("reason", text), ("who", text)], required: ["to"])),
        (
            "TestResult",
            object(
                [
                    ("test", text), ("account", text), ("provider", text), ("channel", text), ("to", text), ("mode", text),
                    ("outcome", text),
                    ("status", count), ("code", text), ("words", text), ("message_id", orNull("string")), ("took_ms", count),
                ],
                required: [
                    "test", "account", "provider", "channel", "to", "mode", "outcome", "status", "code", "words", "message_id", "took_ms",
                ])
        ),
        ("Done", object([("done", text)], required: ["done"])),
    ]
}
