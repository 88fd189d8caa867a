// The limit of accepting events: bare SQLite. Copies the rows that Clarion wrote for them, tables, indexes and triggers alike, into a new
// file with the same settings, BATCH events a transaction, and does nothing else.
//
//     limit-sqlite STORE NEW-FILE BATCH [TABLE ...]
//
// Without tables: STORE holds accepted events and nothing that came of them. With tables: only their rows, spread evenly over the events, to
// see what each costs. Prints {"events", "seconds", "cpu"}.
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

static void insert_range(sqlite3 *db, struct rows *rows, size_t from, size_t to) {
    for (size_t row = from; row < to; row++) insert(db, rows, row);
}

static size_t count_events(sqlite3 *db) {
    sqlite3_stmt *select;
    check(db, sqlite3_prepare_v2(db, "SELECT count(*) FROM event", -1, &select, NULL));
    check(db, sqlite3_step(select));
    size_t count = (size_t)sqlite3_column_int64(select, 0);
    sqlite3_finalize(select);
    return count;
}

int main(int count, char **arguments) {
    if (count < 4) return fprintf(stderr, "usage: limit-sqlite STORE NEW-FILE BATCH [TABLE ...]\n"), 64;
    static char *accepting[] = {"customer_key", "event", "log"};
    char **names = count > 4 ? arguments + 4 : accepting;
    size_t table_count = count > 4 ? (size_t)count - 4 : 3, batch = strtoul(arguments[3], NULL, 10);
    sqlite3 *from, *to;
    check(NULL, sqlite3_open_v2(arguments[1], &from, SQLITE_OPEN_READONLY, NULL));
    check(NULL, sqlite3_open_v2(arguments[2], &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    // As Clarion's writer sets them; checkpoints come at the same number of pages. A table alone has nothing that its rows could refer to.
    check(to, sqlite3_exec(to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        "PRAGMA wal_autocheckpoint=1024; PRAGMA cache_size=-8192; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;", NULL, NULL, NULL));
    check(to, sqlite3_exec(to, count > 4 ? "PRAGMA foreign_keys=OFF" : "PRAGMA foreign_keys=ON", NULL, NULL, NULL));
    copy_schema(from, to);
    // First what the rows are about.
    struct rows head = read_rows(from, "meta"), sources = read_rows(from, "source");
    prepare(to, &head);
    prepare(to, &sources);
    insert_range(to, &head, 0, head.count);
    insert_range(to, &sources, 0, sources.count);
    size_t events = count_events(from), *before = calloc(table_count, sizeof *before);
    struct rows *tables = calloc(table_count, sizeof *tables);
    for (size_t n = 0; n < table_count; n++) {
        tables[n] = read_rows(from, names[n]);
        prepare(to, &tables[n]);
        // What there is beyond a whole number of rows for each event came before them: the system's own key, the row of the start.
        before[n] = tables[n].count % events;
        insert_range(to, &tables[n], 0, before[n]);
    }
    double begun = seconds(), used = cpu();
    for (size_t at = 0; at < events; at += batch) {
        size_t end = at + batch < events ? at + batch : events;
        check(to, sqlite3_exec(to, "BEGIN IMMEDIATE", NULL, NULL, NULL));
        for (size_t n = 0; n < table_count; n++) {
            size_t each = tables[n].count / events;
            insert_range(to, &tables[n], before[n] + at * each, before[n] + end * each);
        }
        insert(to, &head, head.count - 1);
        check(to, sqlite3_exec(to, "COMMIT", NULL, NULL, NULL));
    }
    printf("{\"events\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n", events, seconds() - begun, cpu() - used);
    return 0;
}
