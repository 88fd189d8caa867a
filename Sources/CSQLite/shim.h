#ifndef CLARION_CSQLITE_SHIM_H
#define CLARION_CSQLITE_SHIM_H

#include <sqlite3.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

/* SQLITE_TRANSIENT is a cast and sqlite3_db_config is variadic: neither reaches Swift, so each gets a typed wrapper. Kept: the bytes
   outlive the statement's run, else SQLite copies them. */

static inline int clarion_bind_text(sqlite3_stmt *statement, int index, const char *text, int length, _Bool is_kept) {
    return sqlite3_bind_text(statement, index, text != NULL ? text : "", length, is_kept ? SQLITE_STATIC : SQLITE_TRANSIENT);
}

/* A null pointer would bind NULL: an empty blob is a blob of no bytes. */
static inline int clarion_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int length, _Bool is_kept) {
    if (bytes == NULL) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, length, is_kept ? SQLITE_STATIC : SQLITE_TRANSIENT);
}

/* Refuses changes to the schema table and the shadow tables, and double-quoted text in place of a column name. */
static inline int clarion_harden(sqlite3 *database) {
    int code = sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    if (code == SQLITE_OK) code = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    if (code == SQLITE_OK) code = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
    return code;
}

/* Before the first connection. SQLite keeps sums of its memory under one lock for all threads; nobody reads them. */
static inline int clarion_configure(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/* prctl(2) is variadic. Not dumpable: no core is written of the process, and no other of the same user may read its memory. */
static inline int clarion_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/* The magic number of the file system a path is on, or -1 with errno set. */
static inline long clarion_file_system(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

#endif
