// The sink of the benchmark: what its parts share.
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes that grow; `head` is what has been used up.
struct buffer {
    char *bytes;
    size_t head, length, room;
};
void buffer_add(struct buffer *b, const void *bytes, size_t count);
void buffer_print(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Forgets `count` bytes at the front.
void buffer_drop(struct buffer *b, size_t count);
static inline char *buffer_start(struct buffer *b) { return b->bytes + b->head; }
static inline size_t buffer_count(const struct buffer *b) { return b->length - b->head; }

enum speech { SPEAKS_HTTP, SPEAKS_TLS, SPEAKS_SMTP };

struct connection {
    int fd;
    enum speech speech;
    bool ends;       // once everything is written
    bool in_data;    // SMTP: between DATA and the lone dot
    SSL *ssl;        // of TLS
    void *h2;        // the session, once ALPN chose it
    struct buffer in, out;
};

/// One request or mail that arrived whole.
enum channel { SMS, PUSH, H2, MAIL, CHANNELS };
struct arrival {
    enum channel channel;
    const char *target;  // the URL or the envelope, for the record
    const char *headers; // "name: value" lines
    size_t header_count; // bytes
    const char *body;
    size_t body_count;
};
/// Counts it, notes the moment, and writes it to the record while that is wanted. Returns its number, from 1.
uint64_t arrived(const struct arrival *a);

/// Each takes what it can from `c->in` and answers into `c->out`. False: not understood, close.
bool speak_http(struct connection *c);
bool speak_smtp(struct connection *c);
void greet_smtp(struct connection *c);
bool speak_h2(struct connection *c);
void end_h2(struct connection *c);

/// What the control paths answer: `/stats`, `/stamps`, `/reset`. False when it is none of them.
bool control(const char *path, struct buffer *answer);
