// What the sink knows of what arrived: counts, moments, and the first requests word for word.
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t counts[CHANNELS], first, last;
static const char *const names[CHANNELS] = {"sms", "push", "h2", "mail"};

/// The moment each order was first heard of on each channel. The benchmark's orders are `WDB` and nine digits.
#define ORDERS 4000000
static uint64_t (*stamps)[CHANNELS];
static unsigned highest;

static FILE *record;
static unsigned wanted;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void record_to(const char *path, unsigned count) {
    wanted = count;
    stamps = calloc(ORDERS, sizeof *stamps);
    if (count > 0 && !(record = fopen(path, "w"))) {
        perror(path);
        exit(1);
    }
}

static void stamp(const struct arrival *a, uint64_t at) {
    const char *found = memmem(a->body, a->body_count, "WDB", 3);
    if (!found || found + 12 > a->body + a->body_count) return;
    unsigned number = 0;
    for (const char *digit = found + 3; digit < found + 12; digit++) number = number * 10 + (unsigned)(*digit - '0');
    if (number >= ORDERS || stamps[number][a->channel]) return;
    stamps[number][a->channel] = at;
    if (number > highest) highest = number;
}

uint64_t arrived(const struct arrival *a) {
    uint64_t at = now();
    if (!first) first = at;
    last = at;
    stamp(a, at);
    if (counts[a->channel] < wanted) {
        fprintf(record, "%s %s %zu %zu\n", names[a->channel], a->target, a->header_count, a->body_count);
        fwrite(a->headers, 1, a->header_count, record);
        fwrite(a->body, 1, a->body_count, record);
        fputc('\n', record);
        if (counts[a->channel] + 1 == wanted) fflush(record);
    }
    return ++counts[a->channel];
}

bool control(const char *path, struct buffer *answer) {
    if (strcmp(path, "/stats") == 0) {
        buffer_print(answer, "{\"first\":%llu,\"last\":%llu,\"now\":%llu", (unsigned long long)first, (unsigned long long)last,
            (unsigned long long)now());
        for (int n = 0; n < CHANNELS; n++) buffer_print(answer, ",\"%s\":%llu", names[n], (unsigned long long)counts[n]);
        buffer_print(answer, "}");
        return true;
    }
    if (strcmp(path, "/stamps") == 0) {
        // order, then nanoseconds for each channel, 0 where it did not arrive
        for (unsigned n = 0; n <= highest; n++) {
            uint64_t *at = stamps[n];
            if (at[SMS] | at[PUSH] | at[H2] | at[MAIL]) {
                buffer_print(answer, "%u %llu %llu %llu %llu\n", n, (unsigned long long)at[SMS], (unsigned long long)at[PUSH],
                    (unsigned long long)at[H2], (unsigned long long)at[MAIL]);
            }
        }
        return true;
    }
    if (strcmp(path, "/reset") == 0) {
        memset(counts, 0, sizeof counts);
        memset(stamps, 0, (highest + 1) * sizeof *stamps);
        first = last = highest = 0;
        return true;
    }
    return false;
}
