// The same work in C: what a delivery costs with these promises and these rows, whoever writes it. The rows that Clarion wrote go into the
// same tables, in the same order of transactions, with boxes and hashes of the same sizes, and the requests that the sink recorded go out by
// bare libcurl, each after its intent is on the disk; its result is committed after.
//
//     limit-work STORE NEW-FILE RECORD CHANNELS CONNECTIONS CA-FILE|SMTP-URL      CHANNELS: sms,push or sms or h2 or mail
//
// What it leaves out, all of it in its favour: no HTTP comes in, no JSON is read, nothing is decided or rendered, and each row is there,
// ready to be bound, before the clock starts.
//
// Two threads as in Clarion: one writes, one drives libcurl. Prints {"requests", "failed", "seconds", "cpu", "commits"}.
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sys/random.h>

#include "limit-mails.h"
#include "limit-requests.h"
#include "limit-rows.h"

// MARK: What is done for each event and delivery

enum stage { ACCEPT, PLAN, INTENT, OUTCOME, STAGES };

/// One statement: whose values are those of Clarion's rows, in the columns of `values`. `each` of them belong to an event, or to a delivery
/// in the last two stages. The first of them that is a blob of `sealed` bytes or more is sealed anew; `keyed` and `hashed` say what has to
/// be hashed to come to the row; `is_log` numbers it and chains it to the last.
struct step {
    enum stage stage;
    const char *values, *statement;
    int sealed, keyed, hashed;
    bool is_log, is_new_key;
    struct rows rows;
};

#define LOG "INSERT INTO log (at, act, order_no, event, notice, delivery, attempt, body, seq, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define LOGGED "SELECT at, act, order_no, event, notice, delivery, attempt, body FROM log WHERE act = "

static struct step steps[] = {
    {.stage = ACCEPT, "SELECT event_id, source FROM event ORDER BY seq", "SELECT seq, content FROM event WHERE event_id = ? AND source = ?"},
    {.stage = ACCEPT, "SELECT lookup FROM customer_key WHERE id > 1 ORDER BY id", "SELECT id FROM customer_key WHERE lookup = ?", .keyed = 1},
    {.stage = ACCEPT, "SELECT * FROM customer_key WHERE id > 1 ORDER BY id", "customer_key", .sealed = 40, .is_new_key = true},
    {.stage = ACCEPT,
     "SELECT seq, event_id, source, content, order_no, customer, type, time, received_at, 'received', NULL, body FROM event ORDER BY seq",
     "event", .sealed = 100, .keyed = 1, .hashed = 1},
    {.stage = ACCEPT, LOGGED "'event_accepted' ORDER BY event", LOG, .is_log = true},

    {.stage = PLAN, "SELECT * FROM news ORDER BY anomaly", "news"},
    {.stage = PLAN, "SELECT order_no FROM order_state ORDER BY order_no", "SELECT last_seq FROM order_state WHERE order_no = ?"},
    {.stage = PLAN, "SELECT anomaly FROM episode ORDER BY id", "SELECT id, kind FROM episode WHERE anomaly = ?"},
    {.stage = PLAN, "SELECT bank, rail FROM episode ORDER BY id", "SELECT id FROM incident WHERE bank = ? AND rail = ?"},
    {.stage = PLAN, "SELECT * FROM order_state ORDER BY order_no", "order_state"},
    {.stage = PLAN, "SELECT * FROM episode ORDER BY id", "episode"},
    {.stage = PLAN, "SELECT * FROM notice ORDER BY id", "notice", .sealed = 100},
    {.stage = PLAN,
     "SELECT id, salt, channel, lane, iif(channel = 'in_app', state, 'inflight'), NULL, mode, address, NULL, expires, tries, account, NULL,"
     " 0, planned_at, planned_at, NULL, NULL FROM delivery ORDER BY id",
     "delivery"},
    {.stage = PLAN, "SELECT * FROM timer ORDER BY notice", "timer"},
    {.stage = PLAN, "SELECT disposition, reason, seq FROM event ORDER BY seq", "UPDATE event SET disposition = ?, reason = ? WHERE seq = ?"},
    {.stage = PLAN, LOGGED "'decision' AND notice IS NOT NULL ORDER BY notice", LOG, .is_log = true},

    {.stage = INTENT,
     "SELECT id, salt, 'intent', account, idempotency_key, digest, started_at, deadline, boot_id, recorder_slot, NULL, NULL, NULL, NULL,"
     " intent_log, NULL, parts FROM attempt ORDER BY id",
     "attempt", .keyed = 1, .hashed = 1},
    {.stage = INTENT, LOGGED "'intent' ORDER BY attempt", LOG, .is_log = true},

    {.stage = OUTCOME, "SELECT state, outcome, detail, provider_id, finished_at, outcome_log, id FROM attempt ORDER BY id",
     "UPDATE attempt SET state = ?, outcome = ?, detail = ?, provider_id = ?, finished_at = ?, outcome_log = ? WHERE id = ? AND state = 'intent'"},
    {.stage = OUTCOME, "SELECT state, reason, next_at, provider_id, changed_at, id FROM delivery WHERE channel <> 'in_app' ORDER BY id",
     "UPDATE delivery SET state = ?, reason = ?, next_at = ?, provider_id = ?, changed_at = ? WHERE id = ?"},
    {.stage = OUTCOME, LOGGED "'outcome' ORDER BY attempt", LOG, .is_log = true},
};
enum { STEPS = sizeof steps / sizeof *steps };

/// What a transaction takes at most, as in Clarion.
enum { BATCH = 100, PLANNED = 64 };

static sqlite3 *store;
/// `each`: requests of an event.
static size_t event_count, each, commits;

// MARK: Boxes and hashes

static unsigned char chain[SHA256_DIGEST_LENGTH], scratch[1 << 16];
static sqlite3_int64 log_seq;

/// Random bytes, a page at a time, as Clarion takes them.
static const unsigned char *random_bytes(size_t count) {
    static unsigned char pool[4096];
    static size_t used = sizeof pool;
    if (used + count > sizeof pool) {
        if (getrandom(pool, sizeof pool, 0) != sizeof pool) perror("getrandom"), exit(1);
        used = 0;
    }
    used += count;
    return pool + used - count;
}

/// AES-256-GCM of as many bytes as are in the box, under a key of its own, bound to a place; nonce, text, tag.
static void seal(const unsigned char *box, int size, const unsigned char key[32], unsigned char *out) {
    static EVP_CIPHER_CTX *context;
    static EVP_CIPHER *cipher;
    if (!context) context = EVP_CIPHER_CTX_new(), cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    static const unsigned char place[] = "customer_key/123456789/box";
    int count = 0, last = 0, text = size - 12 - 16;
    memcpy(out, random_bytes(12), 12);
    if (!EVP_EncryptInit_ex2(context, cipher, key, out, NULL) || !EVP_EncryptUpdate(context, NULL, &count, place, sizeof place - 1)
        || !EVP_EncryptUpdate(context, out + 12, &count, box + 12, text) || !EVP_EncryptFinal_ex(context, out + 12 + count, &last)
        || !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out + size - 16)) {
        fprintf(stderr, "a box could not be sealed\n");
        exit(1);
    }
}

/// HMAC-SHA256 with a key that was taken in before: two blocks are left.
static void keyed_hash(void) {
    SHA256(scratch, 48, scratch + 64);
    SHA256(scratch + 64, 32, scratch + 128);
}

/// Of a row of the log: the last hash, its columns as JSON, its body.
static void link_to_chain(struct rows *rows, size_t row) {
    const sqlite3_value *const *values = (const sqlite3_value *const *)&rows->values[row * (size_t)rows->columns];
    sqlite3_value *body = (sqlite3_value *)values[7];
    size_t count = (size_t)sqlite3_value_bytes(body);
    unsigned char *end = scratch;
    memcpy(end, chain, sizeof chain);
    end += sizeof chain;
    end += sprintf((char *)end, "{\"act\":\"%s\",\"at\":%lld,\"attempt\":%lld,\"body\":", sqlite3_value_text((sqlite3_value *)values[1]),
                   sqlite3_value_int64((sqlite3_value *)values[0]), sqlite3_value_int64((sqlite3_value *)values[6]));
    memcpy(end, sqlite3_value_blob(body), count);
    end += count;
    end += sprintf((char *)end, ",\"delivery\":%lld,\"notice\":%lld,\"order\":\"%s\",\"seq\":%lld}",
                   sqlite3_value_int64((sqlite3_value *)values[5]), sqlite3_value_int64((sqlite3_value *)values[4]),
                   sqlite3_value_text((sqlite3_value *)values[2]), (long long)++log_seq);
    SHA256(scratch, (size_t)(end - scratch), chain);
    sqlite3_bind_int64(rows->insert, rows->columns + 1, log_seq);
    sqlite3_bind_blob(rows->insert, rows->columns + 2, chain, sizeof chain, SQLITE_STATIC);
}

// MARK: Steps

static void take(struct step *step, size_t row) {
    static unsigned char box[1 << 16];
    unsigned char key[32];
    struct rows *rows = &step->rows;
    for (int n = 0; n < step->keyed; n++) keyed_hash();
    for (int n = 0; n < step->hashed; n++) SHA256(scratch, 900, scratch + 1024);
    for (int n = 0; n < rows->columns; n++) {
        sqlite3_value *value = rows->values[row * (size_t)rows->columns + (size_t)n];
        bool is_box = step->sealed && sqlite3_value_type(value) == SQLITE_BLOB && sqlite3_value_bytes(value) >= step->sealed;
        if (is_box) {
            int size = sqlite3_value_bytes(value);
            // A new customer has a new key, wrapped with the one that all have.
            if (step->is_new_key) random_bytes(sizeof key);
            memcpy(key, scratch + (row % 64), sizeof key);
            seal(sqlite3_value_blob(value), size, key, box);
            sqlite3_bind_blob(rows->insert, n + 1, box, size, SQLITE_STATIC);
        } else {
            bind_as_is(rows->insert, n + 1, value);
        }
    }
    if (step->is_log) link_to_chain(rows, row);
    int code;
    while ((code = sqlite3_step(rows->insert)) == SQLITE_ROW) {}
    check(store, code);
    sqlite3_reset(rows->insert);
}

/// All rows of a stage that belong to number `at` of `of`.
static void run(enum stage stage, size_t at, size_t of) {
    for (struct step *step = steps; step < steps + STEPS; step++) {
        if (step->stage != stage) continue;
        size_t count = step->rows.count;
        for (size_t row = at * count / of; row < (at + 1) * count / of; row++) take(step, row);
    }
}

static void load_steps(sqlite3 *from) {
    for (struct step *step = steps; step < steps + STEPS; step++) {
        step->rows = read_query(from, step->values);
        step->rows.table = step->statement;
        if (strchr(step->statement, ' ')) {
            check(store, sqlite3_prepare_v3(store, step->statement, -1, SQLITE_PREPARE_PERSISTENT, &step->rows.insert, NULL));
        } else {
            prepare(store, &step->rows);
        }
        size_t whole = step->stage >= INTENT ? event_count * each : event_count;
        if (step->rows.count < whole) {
            fprintf(stderr, "%zu rows for %zu: is everything sent? %s\n", step->rows.count, whole, step->values);
            exit(1);
        }
    }
}

// MARK: Between the threads

static struct {
    pthread_mutex_t lock;
    pthread_cond_t returned_some;
    /// Numbers of deliveries: rings that hold all that can be open.
    size_t *out, *back, out_count, back_count;
} hand = {.lock = PTHREAD_MUTEX_INITIALIZER, .returned_some = PTHREAD_COND_INITIALIZER};
static CURLM *multi;
static size_t wanted, connections, failed;

/// T1 for a batch of the producer's when few are left, T2 and T3 for as many as there are slots, T4 for all that came back: one transaction.
static void *write_all(void *unused) {
    (void)unused;
    size_t accepted = 0, planned = 0, settled = 0, slots = 2 * connections, *back = calloc(wanted, sizeof *back);
    while (settled < wanted) {
        pthread_mutex_lock(&hand.lock);
        while (hand.back_count == 0 && (slots < each || planned == event_count)) pthread_cond_wait(&hand.returned_some, &hand.lock);
        size_t count = hand.back_count;
        memcpy(back, hand.back, count * sizeof *back);
        hand.back_count = 0;
        pthread_mutex_unlock(&hand.lock);
        check(store, sqlite3_exec(store, "BEGIN IMMEDIATE", NULL, NULL, NULL));
        for (size_t n = 0; n < count; n++) run(OUTCOME, back[n], wanted);
        slots += count;
        settled += count;
        if (accepted - planned < PLANNED) {
            for (size_t n = 0; n < BATCH && accepted < event_count; n++) run(ACCEPT, accepted++, event_count);
        }
        size_t first = planned;
        for (; planned < accepted && planned - first < PLANNED && slots >= each; planned++, slots -= each) {
            run(PLAN, planned, event_count);
            for (size_t n = 0; n < each; n++) run(INTENT, planned * each + n, wanted);
        }
        keyed_hash();
        check(store, sqlite3_exec(store, "UPDATE meta SET value = value WHERE key = 'chain_head'", NULL, NULL, NULL));
        check(store, sqlite3_exec(store, "COMMIT", NULL, NULL, NULL));
        commits++;
        if (planned == first) continue;
        pthread_mutex_lock(&hand.lock);
        for (size_t n = first * each; n < planned * each; n++) hand.out[hand.out_count++] = n;
        pthread_mutex_unlock(&hand.lock);
        curl_multi_wakeup(multi);
    }
    return NULL;
}

/// A handle, and the number of what it sends: over HTTP or, where `mail` has a handle, as mail.
struct slot {
    CURL *easy;
    struct session mail;
    size_t number;
};

static void open_slot(struct slot *slot, const char *where, bool is_mail) {
    if (is_mail) {
        open_session(&slot->mail, where);
        slot->easy = slot->mail.easy;
    } else {
        slot->easy = handle(where);
    }
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
}

/// Sends what is handed over, as far as connections go, and hands back what is answered.
static void drive(const char *where, bool is_mail) {
    size_t *waiting = calloc(wanted, sizeof *waiting), *back = calloc(wanted, sizeof *back), first = 0, last = 0, done = 0;
    struct slot *slots = calloc(connections, sizeof *slots), **idle = calloc(connections, sizeof *idle);
    size_t idle_count = connections;
    for (size_t n = 0; n < connections; n++) open_slot(idle[n] = &slots[n], where, is_mail);
    while (done < wanted) {
        pthread_mutex_lock(&hand.lock);
        memcpy(waiting + last, hand.out, hand.out_count * sizeof *waiting);
        last += hand.out_count;
        hand.out_count = 0;
        pthread_mutex_unlock(&hand.lock);
        for (; first < last && idle_count > 0; first++) {
            struct slot *slot = idle[--idle_count];
            slot->number = waiting[first];
            if (is_mail) {
                start_mail(multi, &slot->mail, slot->number);
            } else {
                start(multi, slot->easy, slot->number);
            }
        }
        int running;
        curl_multi_perform(multi, &running);
        size_t count = 0;
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &running));) {
            struct slot *slot = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
            failed += is_mail ? message->data.result != CURLE_OK : !was_accepted(message);
            back[count++] = slot->number;
            curl_multi_remove_handle(multi, slot->easy);
            idle[idle_count++] = slot;
        }
        done += count;
        if (count > 0) {
            pthread_mutex_lock(&hand.lock);
            memcpy(hand.back + hand.back_count, back, count * sizeof *back);
            hand.back_count += count;
            pthread_cond_signal(&hand.returned_some);
            pthread_mutex_unlock(&hand.lock);
        }
        if (done < wanted && (first == last || idle_count == 0)) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

int main(int count, char **arguments) {
    if (count < 7) return fprintf(stderr, "usage: limit-work STORE NEW-FILE RECORD CHANNELS CONNECTIONS CA-FILE|SMTP-URL\n"), 64;
    const char *channels = arguments[4];
    bool is_mail = strcmp(channels, "mail") == 0;
    is_h2 = strcmp(channels, "h2") == 0;
    each = strchr(channels, ',') ? 2 : 1;
    sqlite3 *from = open_store(arguments[1]);
    store = open_like(from, arguments[2], "PRAGMA foreign_keys=ON; PRAGMA wal_autocheckpoint=4096");
    // What the rows are about, and what there is once.
    for (struct rows *head = (struct rows[]){read_rows(from, "meta"), read_rows(from, "source"), {0}}; head->table; head++) {
        prepare(store, head);
        insert_range(store, head, 0, head->count);
    }
    check(store, sqlite3_exec(store, "INSERT INTO customer_key (id, salt, box) VALUES (1, 1, x'00')", NULL, NULL, NULL));
    event_count = count_events(from);
    wanted = event_count * each;
    connections = strtoul(arguments[5], NULL, 10);
    load_steps(from);
    // In turns, as the deliveries of an event stand.
    if (is_mail) {
        load_mails(arguments[3]);
    } else {
        load_requests(arguments[3], channels);
    }
    curl_global_init(CURL_GLOBAL_ALL);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections * 2);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 64L);
    (hand.out = calloc(wanted, sizeof *hand.out)), (hand.back = calloc(wanted, sizeof *hand.back));
    double begun = seconds(), used = cpu();
    pthread_t writer;
    if (pthread_create(&writer, NULL, write_all, NULL) != 0) return perror("pthread_create"), 1;
    drive(arguments[6], is_mail);
    pthread_join(writer, NULL);
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"cpu\":%.6f,\"commits\":%zu}\n", wanted, failed, seconds() - begun,
           cpu() - used, commits);
    return failed ? 1 : 0;
}
