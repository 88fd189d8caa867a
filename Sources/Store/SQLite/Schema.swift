// Every table is STRICT. Columns named `…_at`, `due`, `time`, `eta` and the like are milliseconds since 1970. `customer` is always a row of
// customer_key, never a customer's own id. What is called body, box, facts, address, profile or note is sealed.
//
// What a row costs is its keys more than its bytes: each random or further key is one more page of each commit (docs/performance.md). So ids
// say what a row belongs to (`RowID`), public ids are made from them (`PublicNames`), and an index is there only for what the pipeline asks.
// What is large and written once (`attempt_box`) lies apart from the row that changes, since a change writes the whole row again.

/// Version 1: the tables of the pipeline.
enum Schema {
    static let version1 = Query(
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE customer_key (id INTEGER PRIMARY KEY, salt INTEGER NOT NULL, lookup BLOB UNIQUE, box BLOB NOT NULL) STRICT;
        CREATE TABLE customer (id INTEGER PRIMARY KEY REFERENCES customer_key (id), profile BLOB NOT NULL) STRICT;
        CREATE TABLE address_mark (
            customer INTEGER NOT NULL REFERENCES customer_key (id), channel TEXT NOT NULL, address BLOB NOT NULL, reason TEXT,
            detail TEXT NOT NULL, account TEXT NOT NULL, delivery INTEGER NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (customer, channel, address)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE event (
            seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, source INTEGER NOT NULL, content BLOB NOT NULL, order_no TEXT,
            customer INTEGER NOT NULL, type TEXT NOT NULL, time INTEGER NOT NULL, received_at INTEGER NOT NULL, disposition TEXT NOT NULL,
            reason TEXT, body BLOB NOT NULL, UNIQUE (event_id, source)
        ) STRICT;
        CREATE INDEX event_received ON event (seq) WHERE disposition = 'received';
        CREATE INDEX event_order ON event (order_no) WHERE order_no IS NOT NULL;
        CREATE TABLE news (anomaly TEXT NOT NULL, stage TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (anomaly, stage, seq)) STRICT, WITHOUT ROWID;

        CREATE TABLE order_state (
            order_no TEXT PRIMARY KEY, customer INTEGER NOT NULL, last_seq INTEGER NOT NULL, last_time INTEGER NOT NULL,
            last_event TEXT NOT NULL, version INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE episode (
            id INTEGER PRIMARY KEY, anomaly TEXT NOT NULL, order_no TEXT NOT NULL, customer INTEGER NOT NULL, kind TEXT NOT NULL,
            priority TEXT NOT NULL, status TEXT NOT NULL, bank TEXT NOT NULL, rail TEXT NOT NULL, detected_at INTEGER NOT NULL,
            version INTEGER NOT NULL, opened_by INTEGER NOT NULL, hold_until INTEGER, funds TEXT, step TEXT, eta INTEGER, deadline INTEGER,
            variant TEXT, facts BLOB, facts_of INTEGER, resolution TEXT, told INTEGER NOT NULL, incident TEXT
        ) STRICT;
        CREATE INDEX episode_anomaly ON episode (anomaly);
        CREATE INDEX episode_order ON episode (order_no);
        CREATE INDEX episode_customer ON episode (customer, detected_at);
        CREATE INDEX episode_detected ON episode (detected_at);
        CREATE TABLE counter (key TEXT NOT NULL, bucket TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (key, bucket)) STRICT, WITHOUT ROWID;

        CREATE TABLE incident (
            id TEXT PRIMARY KEY, bank TEXT NOT NULL, rail TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, closed_at INTEGER,
            announced TEXT
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX incident_bank ON incident (bank, rail, since);
        CREATE TABLE incident_member (
            incident TEXT NOT NULL, customer INTEGER NOT NULL, order_no TEXT NOT NULL, told_at INTEGER NOT NULL, over_told INTEGER NOT NULL,
            PRIMARY KEY (incident, customer)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE notice (
            id INTEGER PRIMARY KEY, episode INTEGER NOT NULL, episode_version INTEGER NOT NULL, order_no TEXT NOT NULL, anomaly TEXT NOT NULL,
            audience TEXT NOT NULL, customer INTEGER NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL, variant TEXT, priority TEXT NOT NULL,
            reason TEXT NOT NULL, locale TEXT NOT NULL, time_zone TEXT NOT NULL, private_preview INTEGER NOT NULL, revision TEXT NOT NULL,
            planned_at INTEGER NOT NULL, event INTEGER, told_funds TEXT, told_step TEXT, told_eta INTEGER, repeats INTEGER NOT NULL,
            counted INTEGER NOT NULL, box BLOB NOT NULL
        ) STRICT;
        CREATE INDEX notice_episode ON notice (episode) WHERE episode > 0;
        CREATE INDEX notice_customer ON notice (customer, planned_at);
        CREATE INDEX notice_staff ON notice (anomaly) WHERE episode = 0;
        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY, salt INTEGER NOT NULL, channel TEXT NOT NULL, lane INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT,
            mode TEXT NOT NULL, address BLOB, next_at INTEGER, expires INTEGER NOT NULL, tries INTEGER NOT NULL, account TEXT,
            provider_id TEXT, cancel_wanted INTEGER NOT NULL, planned_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, seen_at INTEGER,
            read_at INTEGER
        ) STRICT;
        CREATE INDEX delivery_due ON delivery (channel, lane, next_at) WHERE state IN ('ready', 'retry_wait');
        CREATE INDEX delivery_ambiguous ON delivery (id) WHERE state = 'ambiguous';
        CREATE TABLE attempt (
            id INTEGER PRIMARY KEY, salt INTEGER NOT NULL, state TEXT NOT NULL, account TEXT NOT NULL, idempotency_key TEXT NOT NULL,
            digest BLOB NOT NULL, started_at INTEGER NOT NULL, deadline INTEGER NOT NULL, boot_id TEXT NOT NULL,
            recorder_slot INTEGER NOT NULL, finished_at INTEGER, outcome TEXT, detail TEXT, provider_id TEXT, intent_log INTEGER NOT NULL,
            outcome_log INTEGER
        ) STRICT;
        CREATE TABLE attempt_box (id INTEGER PRIMARY KEY, box BLOB NOT NULL) STRICT;
        CREATE INDEX attempt_open ON attempt (id) WHERE state IN ('intent', 'ambiguous');
        CREATE TABLE receipt (
            account TEXT NOT NULL, provider_id TEXT NOT NULL, status TEXT NOT NULL, sequence INTEGER NOT NULL, delivery INTEGER,
            received_at INTEGER NOT NULL, PRIMARY KEY (account, provider_id, status, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE provider_state (account TEXT PRIMARY KEY, state TEXT NOT NULL, changed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE timer (
            episode INTEGER NOT NULL, notice INTEGER NOT NULL, incident TEXT NOT NULL, step TEXT NOT NULL, argument INTEGER NOT NULL,
            due INTEGER NOT NULL, state TEXT NOT NULL, fired_at INTEGER, PRIMARY KEY (episode, notice, incident, step, argument)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX timer_armed ON timer (due) WHERE state = 'armed';

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
            attempt INTEGER, body BLOB NOT NULL, hash BLOB NOT NULL
        ) STRICT;
        CREATE INDEX log_order ON log (order_no) WHERE attempt IS NULL AND order_no IS NOT NULL;
        CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TRIGGER log_keeps_words BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        """)

    /// Version 2: what staff were asked to do is found by its episode; receipts as they are kept. `reference` is how the provider speaks of a message: our attempt's or delivery's public id, else
    /// its own. Those of a delivery are found by it, those that nobody knows yet by account and reference. `message_id` leads from a
    /// provider's id to the attempt, for accounts whose receipts hold nothing of ours; the table before it was never filled. `hold` is what operators hold back; `released` is set when
    /// what it held is due again.
    static let version2 = Query(
        """
        DROP TABLE receipt;
        CREATE TABLE receipt (
            account TEXT NOT NULL, reference TEXT NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL, message_id TEXT, blame TEXT,
            delivery INTEGER, received_at INTEGER NOT NULL, PRIMARY KEY (account, reference, status, code)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX receipt_delivery ON receipt (delivery) WHERE delivery IS NOT NULL;
        CREATE INDEX receipt_unmatched ON receipt (account, reference) WHERE delivery IS NULL;
        CREATE TABLE message_id (
            account TEXT NOT NULL, id TEXT NOT NULL, attempt INTEGER NOT NULL, PRIMARY KEY (account, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX review_task ON review (episode) WHERE closed_at IS NULL AND cause = 'escalation';
        CREATE TABLE hold (
            id INTEGER PRIMARY KEY, order_no TEXT, customer INTEGER, bank TEXT, rail TEXT, kind TEXT, channel TEXT, who TEXT NOT NULL,
            reason TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, ended_at INTEGER, ended_by TEXT, end_reason TEXT,
            released INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX hold_not_ended ON hold (id) WHERE ended_at IS NULL;
        CREATE INDEX delivery_held ON delivery (id) WHERE reason = 'on_hold' AND state IN ('ready', 'retry_wait');
        """)

    /// Version 3: what is kept no longer (T9). `master` says which key wraps a data key; `gone` which parts of a notice's box are dropped
    /// (`NoticeBox.Part`). `erasure` holds whose rows are still to be emptied; `kept_longer` the notices and events that were passed by since they are still needed.
    static let version3 = Query(
        """
        ALTER TABLE customer_key ADD COLUMN master TEXT NOT NULL DEFAULT '';
        ALTER TABLE notice ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE erasure (customer INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        CREATE TABLE kept_longer (class TEXT NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (class, item)) STRICT, WITHOUT ROWID;
        """)

    /// Version 4: the texts themselves. A file is kept once for all revisions that have it; `files` of a revision is `path TAB id` line by line. `contact` is who spoke
    /// with support; `after` of a rollout is the last notice before it.
    static let version4 = Query(
        """
        ALTER TABLE notice ADD COLUMN wording TEXT;
        CREATE TABLE template_file (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, text TEXT NOT NULL) STRICT;
        CREATE TABLE template_revision (
            id INTEGER PRIMARY KEY, revision TEXT NOT NULL UNIQUE, state TEXT NOT NULL, kept_at INTEGER NOT NULL, submitted_at INTEGER,
            submitted_by TEXT, submitted_reason TEXT, decided_at INTEGER, decided_by TEXT, decided_reason TEXT, files TEXT NOT NULL
        ) STRICT;
        CREATE TABLE rollout (
            id INTEGER PRIMARY KEY, revision TEXT NOT NULL, base TEXT, percent INTEGER NOT NULL, state TEXT NOT NULL,
            started_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL, after INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE contact (id INTEGER PRIMARY KEY, order_no TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
        CREATE INDEX contact_at ON contact (at);
        """)

    /// Version 5. What can be searched for: `notice_words` holds the words of a notice in the order of time, so that a search does not read notices, which are large; it only
    /// grows at its end. `verdict` is what people said of a notice's words. And the signed checkpoints of the log, each as the line that was signed: append-only, as the log is.
    static let version5 = Query(
        "CREATE INDEX notice_words ON notice (planned_at, episode, kind, stage, locale, reason);",
        """
        CREATE TABLE checkpoint (number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, line TEXT NOT NULL) STRICT;
        CREATE INDEX checkpoint_seq ON checkpoint (seq);
        CREATE TRIGGER checkpoint_keeps_rows BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TRIGGER checkpoint_keeps_words BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
        CREATE TABLE verdict (
            id INTEGER PRIMARY KEY, delivery INTEGER NOT NULL, is_right INTEGER NOT NULL, who TEXT NOT NULL, note BLOB NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX verdict_delivery ON verdict (delivery);
        """)

    /// Version 6: the index that searches go by (`SQLite+index.swift`). `bits` are the deliveries of a block that have a word (`DeliverySet`); `stale` counts the changes in a
    /// block since it was read; `facet_word` holds every word there is. What an SMS costs goes by its parts: those of an attempt, null where it is none or older than this.
    static let version6 = Query(
        """
        CREATE TABLE facet_block (
            block INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, stale INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX facet_block_stale ON facet_block (block) WHERE stale > 0;
        CREATE TABLE facet_word (field INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (field, word)) STRICT, WITHOUT ROWID;
        CREATE TABLE facet (
            field INTEGER NOT NULL, word TEXT NOT NULL, block INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (field, word, block)
        ) STRICT, WITHOUT ROWID;
        """,
        "ALTER TABLE attempt ADD COLUMN parts INTEGER;")
}
