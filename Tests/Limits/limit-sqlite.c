// The limit of accepting events: bare SQLite. Copies the rows that Clarion wrote for them, tables, indexes and triggers alike, into a new
// file with the same settings, BATCH events a transaction, and does nothing else.
//
//     limit-sqlite STORE NEW-FILE BATCH [TABLE ...]
//
// Without tables: STORE holds accepted events and nothing that came of them. With tables: only their rows, spread evenly over the events, to
// see what each costs. Prints {"events", "seconds", "cpu"}.
#include "limit-rows.h"

int main(int count, char **arguments) {
    if (count < 4) return fprintf(stderr, "usage: limit-sqlite STORE NEW-FILE BATCH [TABLE ...]\n"), 64;
    static char *accepting[] = {"customer_key", "event", "log"};
    char **names = count > 4 ? arguments + 4 : accepting;
    size_t table_count = count > 4 ? (size_t)count - 4 : 3, batch = strtoul(arguments[3], NULL, 10);
    sqlite3 *from = open_store(arguments[1]), *to;
    // A table alone has nothing that its rows could refer to. Checkpoints come at the same number of pages as with Clarion.
    to = open_like(from, arguments[2], count > 4 ? "PRAGMA foreign_keys=OFF" : "PRAGMA foreign_keys=ON");
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
