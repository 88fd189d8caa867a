// What the limit programs share: the clock, the processor time, and the requests that the sink recorded.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/// User and system time of the process.
static inline double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/// One request of the sink's record: channel, URL, "name: value" lines, body.
struct recorded {
    char channel[16], target[1024], *headers, *body;
    size_t body_count;
};

/// Reads the next one; the texts belong to the caller. 0 at the end.
static inline int next_recorded(FILE *file, struct recorded *r) {
    size_t head;
    if (fscanf(file, "%15s %1023s %zu %zu", r->channel, r->target, &head, &r->body_count) != 4) return 0;
    r->headers = calloc(1, head + 1);
    r->body = calloc(1, r->body_count + 1);
    fgetc(file);
    return fread(r->headers, 1, head, file) == head && fread(r->body, 1, r->body_count, file) == r->body_count;
}

static inline FILE *open_or_end(const char *path, const char *mode) {
    FILE *file = fopen(path, mode);
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}
