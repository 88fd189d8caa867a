// The limit of accepting events: bare SQLite. Copies the rows that Clarion wrote for them, tables, indexes and triggers alike, into a new
// file with the same settings, BATCH events a transaction, and does nothing else.
//
//     limit-sqlite STORE NEW-FILE BATCH
//
// STORE holds accepted events and nothing that came of them. Prints {"events", "seconds", "cpu"}.
#include "limit.h"

#include <sqlite3.h>

/// Rows of one table, read before the clock starts.
struct rows {
    const char *table;
    int columns;
    size_t count;
    sqlite3_value **values;
    sqlite3_stmt *insert;
};

static void check(sqlite3 *db, int code) {
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
    fprintf(stderr, "%s\n", sqlite3_errmsg(db));
    exit(1);
}

static struct rows read_rows(sqlite3 *db, const char *table) {
    struct rows rows = {.table = table};
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    sqlite3_stmt *select;
    check(db, sqlite3_prepare_v2(db, sql, -1, &select, NULL));
    rows.columns = sqlite3_column_count(select);
    for (size_t room = 0; sqlite3_step(select) == SQLITE_ROW; rows.count++) {
        if (rows.count == room) rows.values = realloc(rows.values, (room = room * 2 + 1024) * (size_t)rows.columns * sizeof *rows.values);
        for (int n = 0; n < rows.columns; n++) {
            rows.values[rows.count * (size_t)rows.columns + (size_t)n] = sqlite3_value_dup(sqlite3_column_value(select, n));
        }
    }
    sqlite3_finalize(select);
    sqlite3_free(sql);
    return rows;
}

/// The same tables, indexes and triggers.
static void copy_schema(sqlite3 *from, sqlite3 *to) {
    static const char sql[] = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'table' DESC";
    sqlite3_stmt *select;
    check(from, sqlite3_prepare_v2(from, sql, -1, &select, NULL));
    while (sqlite3_step(select) == SQLITE_ROW) check(to, sqlite3_exec(to, (const char *)sqlite3_column_text(select, 0), NULL, NULL, NULL));
    sqlite3_finalize(select);
}

static void prepare(sqlite3 *db, struct rows *rows) {
    char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO \"%w\" VALUES (?", rows->table);
    for (int n = 1; n < rows->columns; n++) sql = sqlite3_mprintf("%z, ?", sql);
    sql = sqlite3_mprintf("%z)", sql);
    check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &rows->insert, NULL));
    sqlite3_free(sql);
}

static void insert(sqlite3 *db, struct rows *rows, size_t row) {
    for (int n = 0; n < rows->columns; n++) sqlite3_bind_value(rows->insert, n + 1, rows->values[row * (size_t)rows->columns + (size_t)n]);
    check(db, sqlite3_step(rows->insert));
    sqlite3_reset(rows->insert);
}

int main(int count, char **arguments) {
    if (count != 4) return fprintf(stderr, "usage: limit-sqlite STORE NEW-FILE BATCH\n"), 64;
    size_t batch = strtoul(arguments[3], NULL, 10);
    sqlite3 *from, *to;
    check(NULL, sqlite3_open_v2(arguments[1], &from, SQLITE_OPEN_READONLY, NULL));
    check(NULL, sqlite3_open_v2(arguments[2], &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    // As Clarion's writer sets them; checkpoints come at the same number of pages.
    check(to, sqlite3_exec(to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
        "PRAGMA wal_autocheckpoint=1024; PRAGMA cache_size=-8192; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;", NULL, NULL, NULL));
    copy_schema(from, to);
    // First what events are about, then the events, then the log.
    static const char *const first[] = {"meta", "source"};
    static const char *const each[] = {"customer_key", "event", "log"};
    for (size_t n = 0; n < sizeof first / sizeof *first; n++) {
        struct rows rows = read_rows(from, first[n]);
        prepare(to, &rows);
        for (size_t row = 0; row < rows.count; row++) insert(to, &rows, row);
    }
    struct rows tables[3], head = read_rows(from, "meta");
    prepare(to, &head);
    for (int n = 0; n < 3; n++) prepare(to, ((tables[n] = read_rows(from, each[n])), &tables[n]));
    size_t events = tables[1].count;
    // What a table has beyond one row for each event came before them: the system's own key, the row of the start.
    size_t before[3];
    for (int n = 0; n < 3; n++) {
        before[n] = tables[n].count - events;
        for (size_t row = 0; row < before[n]; row++) insert(to, &tables[n], row);
    }
    double begun = seconds(), used = cpu();
    for (size_t at = 0; at < events; at += batch) {
        check(to, sqlite3_exec(to, "BEGIN IMMEDIATE", NULL, NULL, NULL));
        size_t end = at + batch < events ? at + batch : events;
        for (int n = 0; n < 3; n++) {
            for (size_t row = at; row < end; row++) insert(to, &tables[n], before[n] + row);
        }
        insert(to, &head, head.count - 1);
        check(to, sqlite3_exec(to, "COMMIT", NULL, NULL, NULL));
    }
    printf("{\"events\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n", events, seconds() - begun, cpu() - used);
    return 0;
}
