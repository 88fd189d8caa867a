// Every table is STRICT. Columns named `…_at`, `due`, `time`, `eta` and the like are milliseconds since 1970. `customer` is always a row of
// customer_key, never a customer's own id. What is called body, name, facts, address, profile, text, content or call is sealed.

/// Version 1: the tables of the pipeline.
enum Schema {
    static let version1 = Query(
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE customer_key (
            id INTEGER PRIMARY KEY, pseudonym TEXT NOT NULL UNIQUE, lookup BLOB UNIQUE, name BLOB NOT NULL, wrapped BLOB NOT NULL
        ) STRICT;
        CREATE TABLE customer (id INTEGER PRIMARY KEY REFERENCES customer_key (id), profile BLOB NOT NULL) STRICT;

        CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE event (
            seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, source INTEGER NOT NULL REFERENCES source (id), content BLOB NOT NULL,
            order_no TEXT, customer INTEGER NOT NULL REFERENCES customer_key (id), type TEXT NOT NULL, time INTEGER NOT NULL,
            received_at INTEGER NOT NULL, disposition TEXT NOT NULL, reason TEXT, body BLOB NOT NULL, UNIQUE (event_id, source)
        ) STRICT;
        CREATE INDEX event_received ON event (seq) WHERE disposition = 'received';
        CREATE INDEX event_order ON event (order_no) WHERE order_no IS NOT NULL;
        CREATE TABLE news (anomaly TEXT NOT NULL, stage TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (anomaly, stage, seq)) STRICT, WITHOUT ROWID;

        CREATE TABLE order_state (
            order_no TEXT PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer_key (id), last_seq INTEGER NOT NULL,
            last_time INTEGER NOT NULL, last_event TEXT NOT NULL, version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE episode (
            id INTEGER PRIMARY KEY, anomaly TEXT NOT NULL, order_no TEXT NOT NULL, customer INTEGER NOT NULL REFERENCES customer_key (id),
            kind TEXT NOT NULL, priority TEXT NOT NULL, status TEXT NOT NULL, bank TEXT NOT NULL, rail TEXT NOT NULL,
            detected_at INTEGER NOT NULL, version INTEGER NOT NULL, opened_by INTEGER NOT NULL, hold_until INTEGER, funds TEXT, step TEXT,
            eta INTEGER, deadline INTEGER, variant TEXT, facts BLOB NOT NULL, resolution TEXT, told INTEGER NOT NULL, incident TEXT
        ) STRICT;
        CREATE INDEX episode_anomaly ON episode (anomaly);
        CREATE INDEX episode_order ON episode (order_no);
        CREATE INDEX episode_customer ON episode (customer, detected_at);
        CREATE INDEX episode_bank ON episode (bank, rail, detected_at);
        CREATE TABLE counter (key BLOB NOT NULL, bucket TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (key, bucket)) STRICT, WITHOUT ROWID;

        CREATE TABLE incident (
            id TEXT PRIMARY KEY, bank TEXT NOT NULL, rail TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, closed_at INTEGER,
            announced TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX incident_bank ON incident (bank, rail, since);
        CREATE TABLE incident_member (
            incident TEXT NOT NULL, customer INTEGER NOT NULL REFERENCES customer_key (id), order_no TEXT NOT NULL, told_at INTEGER NOT NULL,
            over_told INTEGER NOT NULL, PRIMARY KEY (incident, customer)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE dedupe (
            anomaly TEXT NOT NULL, audience TEXT NOT NULL, order_no TEXT NOT NULL, recipient INTEGER NOT NULL REFERENCES customer_key (id),
            channel TEXT NOT NULL, status TEXT NOT NULL, stage TEXT NOT NULL, funds TEXT, step TEXT, eta_bucket INTEGER,
            priority TEXT NOT NULL, told_at INTEGER NOT NULL, repeats INTEGER NOT NULL, suppressed INTEGER NOT NULL,
            PRIMARY KEY (anomaly, audience, order_no, recipient, channel)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE notice (
            id INTEGER PRIMARY KEY, episode INTEGER NOT NULL, episode_version INTEGER NOT NULL, order_no TEXT NOT NULL, anomaly TEXT NOT NULL,
            audience TEXT NOT NULL, customer INTEGER NOT NULL REFERENCES customer_key (id), kind TEXT NOT NULL, stage TEXT NOT NULL,
            variant TEXT, priority TEXT NOT NULL, reason TEXT NOT NULL, locale TEXT NOT NULL, time_zone TEXT NOT NULL,
            private_preview INTEGER NOT NULL, revision TEXT NOT NULL, facts BLOB NOT NULL, planned_at INTEGER NOT NULL, event INTEGER
        ) STRICT;
        CREATE INDEX notice_order ON notice (order_no);
        CREATE INDEX notice_episode ON notice (episode);
        CREATE INDEX notice_customer ON notice (customer);
        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, notice INTEGER NOT NULL REFERENCES notice (id), channel TEXT NOT NULL,
            lane INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT, mode TEXT NOT NULL, address BLOB, next_at INTEGER,
            expires INTEGER NOT NULL, tries INTEGER NOT NULL, account TEXT, provider_id TEXT, cancel_wanted INTEGER NOT NULL,
            planned_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, UNIQUE (notice, channel)
        ) STRICT;
        CREATE INDEX delivery_due ON delivery (lane, next_at) WHERE state IN ('ready', 'retry_wait');
        CREATE INDEX delivery_open ON delivery (state) WHERE state IN ('ready', 'inflight', 'retry_wait', 'ambiguous');
        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, delivery INTEGER NOT NULL REFERENCES delivery (id), number INTEGER NOT NULL,
            state TEXT NOT NULL, account TEXT NOT NULL, idempotency_key TEXT NOT NULL, digest BLOB NOT NULL, content_key TEXT NOT NULL,
            content_context TEXT NOT NULL, content BLOB NOT NULL, call_key TEXT NOT NULL, call_context TEXT NOT NULL, call BLOB NOT NULL,
            bound BLOB NOT NULL, started_at INTEGER NOT NULL, deadline INTEGER NOT NULL, boot_id TEXT NOT NULL,
            recorder_slot INTEGER NOT NULL, finished_at INTEGER, outcome TEXT, detail TEXT, provider_id TEXT, UNIQUE (delivery, number)
        ) STRICT;
        CREATE INDEX attempt_open ON attempt (state) WHERE state IN ('intent', 'ambiguous');

        CREATE TABLE timer (
            id INTEGER PRIMARY KEY, step TEXT NOT NULL, episode INTEGER NOT NULL, notice INTEGER NOT NULL, incident TEXT NOT NULL,
            argument INTEGER NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL, fired_at INTEGER,
            UNIQUE (episode, notice, incident, step, argument)
        ) STRICT;
        CREATE INDEX timer_armed ON timer (due) WHERE state = 'armed';
        CREATE TABLE inbox_item (
            id INTEGER PRIMARY KEY, public_id TEXT NOT NULL UNIQUE, delivery INTEGER NOT NULL REFERENCES delivery (id),
            customer INTEGER NOT NULL REFERENCES customer_key (id), order_no TEXT NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL,
            locale TEXT NOT NULL, text BLOB NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER, read_at INTEGER
        ) STRICT;
        CREATE INDEX inbox_customer ON inbox_item (customer);
        CREATE INDEX inbox_unread ON inbox_item (customer) WHERE read_at IS NULL;

        CREATE TABLE dead_letter (
            id INTEGER PRIMARY KEY, stage TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, source TEXT NOT NULL,
            size INTEGER NOT NULL, digest BLOB NOT NULL, event INTEGER, delivery INTEGER, at INTEGER NOT NULL, state TEXT NOT NULL,
            closed_at INTEGER
        ) STRICT;
        CREATE INDEX dead_letter_open ON dead_letter (id) WHERE state = 'open';
        CREATE TABLE review (
            id INTEGER PRIMARY KEY, cause TEXT NOT NULL, order_no TEXT, episode INTEGER, kind TEXT, detail TEXT NOT NULL,
            opened_at INTEGER NOT NULL, closed_at INTEGER, note BLOB
        ) STRICT;
        CREATE INDEX review_open ON review (id) WHERE closed_at IS NULL;

        CREATE TABLE log (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, act TEXT NOT NULL, order_no TEXT, event INTEGER, notice INTEGER, delivery INTEGER,
            body BLOB NOT NULL, hash BLOB NOT NULL
        ) STRICT;
        CREATE INDEX log_order ON log (order_no) WHERE order_no IS NOT NULL;
        CREATE INDEX log_delivery ON log (delivery) WHERE delivery IS NOT NULL;
        CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TRIGGER log_keeps_words BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        """)

    /// Version 2: what providers say later, and what is known of their accounts.
    static let version2 = Query(
        """
        CREATE TABLE receipt (
            account TEXT NOT NULL, provider_id TEXT NOT NULL, status TEXT NOT NULL, sequence INTEGER NOT NULL, delivery INTEGER,
            received_at INTEGER NOT NULL, PRIMARY KEY (account, provider_id, status, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_provider ON delivery (account, provider_id) WHERE provider_id IS NOT NULL;
        CREATE TABLE provider_state (account TEXT PRIMARY KEY, state TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        """)

    /// Version 3: which addresses cannot be used. `address` is a keyed hash; without a reason it was verified.
    static let version3 = Query(
        """
        CREATE TABLE address_mark (
            customer INTEGER NOT NULL REFERENCES customer_key (id), channel TEXT NOT NULL, address BLOB NOT NULL, reason TEXT,
            detail TEXT NOT NULL, account TEXT NOT NULL, delivery INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (customer, channel, address)
        ) STRICT, WITHOUT ROWID;
        """)
}

/// Numbered steps, each in one transaction with the number it leads to. A step that was released is never changed.
enum Migrations {
    struct Step {
        var script: Query
        var number: Query
        init(_ script: Query, _ number: StaticString) { (self.script, self.number) = (script, Query(number)) }
    }
    static let steps = [
        Step(Schema.version1, "PRAGMA user_version = 1"),
        Step(Schema.version2, "PRAGMA user_version = 2"),
        Step(Schema.version3, "PRAGMA user_version = 3"),
    ]
    private static let begin = Query("BEGIN IMMEDIATE")
    private static let commit = Query("COMMIT")
    private static let rollback = Query("ROLLBACK")
    private static let readVersion = Query("PRAGMA user_version")
    private static let readApplication = Query("PRAGMA application_id")
    private static let countTables = Query("SELECT count(*) FROM sqlite_schema")
    /// `Clar` in the file's header: a database of another program is not touched.
    private static let mark = Query("PRAGMA application_id = 1131176306")

    static func version(of connection: Connection) throws -> Int { Int(try connection.first(readVersion) { $0.int(0) } ?? 0) }

    /// Refuses what is no store of ours, or one of a newer program.
    static func check(_ connection: Connection, mayBeEmpty: Bool) throws {
        let (application, version, tables) = (
            try connection.first(readApplication) { $0.int(0) }, try version(of: connection),
            try connection.first(countTables) { $0.int(0) }
        )
        if mayBeEmpty, version == 0, tables == 0 { return }
        guard application == 1_131_176_306, version > 0 else { throw StoreError.unusable("the file is no store of Clarion") }
        guard version <= steps.count else {
            throw StoreError.unusable("the store has version \(version), this program knows \(steps.count): use the newer program")
        }
    }

    /// Brings the file to `target`. `first` runs inside the transaction of the first step, with the tables in place.
    static func run(_ connection: Connection, upTo target: Int = steps.count, first: () throws -> Void) throws {
        try check(connection, mayBeEmpty: true)
        let from = try version(of: connection)
        guard from < target else { return }
        for index in from..<target {
            try connection.script(begin)
            do {
                try connection.script(steps[index].script)
                if index == 0 {
                    try connection.script(mark)
                    try first()
                }
                try connection.script(steps[index].number)
                try connection.script(commit)
            } catch {
                if connection.isInTransaction { try connection.script(rollback) }
                throw error
            }
        }
    }
}
