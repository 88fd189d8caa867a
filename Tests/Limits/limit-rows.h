// Rows that Clarion wrote, to be written once more by bare SQLite: into the same tables, indexes and triggers, with the same settings.
#pragma once

#include "limit.h"

#include <sqlite3.h>
#include <stdbool.h>

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

static struct rows read_query(sqlite3 *db, const char *sql) {
    struct rows rows = {0};
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
    return rows;
}

static struct rows read_rows(sqlite3 *db, const char *table) {
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    struct rows rows = read_query(db, sql);
    sqlite3_free(sql);
    rows.table = table;
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
    // Only the store's own words are written again. To look for what is to be replaced costs as much as the row.
    bool is_again = strcmp(rows->table, "meta") == 0;
    char *sql = sqlite3_mprintf("INSERT %sINTO \"%w\" VALUES (?", is_again ? "OR REPLACE " : "", rows->table);
    for (int n = 1; n < rows->columns; n++) sql = sqlite3_mprintf("%z, ?", sql);
    sql = sqlite3_mprintf("%z)", sql);
    check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &rows->insert, NULL));
    sqlite3_free(sql);
}

/// Texts and blobs as they lie: `sqlite3_bind_value` would copy each.
static void bind_as_is(sqlite3_stmt *statement, int at, sqlite3_value *value) {
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: sqlite3_bind_int64(statement, at, sqlite3_value_int64(value)); break;
    case SQLITE_TEXT:
        sqlite3_bind_text(statement, at, (const char *)sqlite3_value_text(value), sqlite3_value_bytes(value), SQLITE_STATIC);
        break;
    case SQLITE_BLOB: sqlite3_bind_blob(statement, at, sqlite3_value_blob(value), sqlite3_value_bytes(value), SQLITE_STATIC); break;
    default: sqlite3_bind_value(statement, at, value);
    }
}

static void insert(sqlite3 *db, struct rows *rows, size_t row) {
    for (int n = 0; n < rows->columns; n++) bind_as_is(rows->insert, n + 1, rows->values[row * (size_t)rows->columns + (size_t)n]);
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

/// To be read, and the first: after it SQLite takes no settings for all. It keeps no sums of its memory for Clarion either.
static sqlite3 *open_store(const char *path) {
    sqlite3 *db;
    check(NULL, sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
    check(NULL, sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL));
    return db;
}

/// A new file with the tables of another, and the settings of Clarion's writer.
static sqlite3 *open_like(sqlite3 *from, const char *path, const char *more) {
    sqlite3 *to;
    check(NULL, sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    check(to, sqlite3_exec(to, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
        "PRAGMA wal_autocheckpoint=1024; PRAGMA cache_size=-8192; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;", NULL, NULL, NULL));
    check(to, sqlite3_exec(to, more, NULL, NULL, NULL));
    copy_schema(from, to);
    return to;
}
