// SMTP of the sink: no TLS, no login, every mail is taken, the connection stays.
#include "sink.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void greet_smtp(struct connection *c) { buffer_print(&c->out, "220 sink ESMTP\r\n"); }

static void command(struct connection *c, const char *line) {
    if (strncasecmp(line, "EHLO", 4) == 0) {
        buffer_print(&c->out, "250-sink\r\n250-8BITMIME\r\n250 SIZE 10485760\r\n");
    } else if (strncasecmp(line, "DATA", 4) == 0) {
        c->in_data = true;
        buffer_print(&c->out, "354 go on\r\n");
    } else if (strncasecmp(line, "QUIT", 4) == 0) {
        c->ends = true;
        buffer_print(&c->out, "221 bye\r\n");
    } else {
        buffer_print(&c->out, "250 2.1.0 ok\r\n");
    }
}

bool speak_smtp(struct connection *c) {
    while (buffer_count(&c->in) > 0) {
        char *start = buffer_start(&c->in);
        char *end = strstr(start, c->in_data ? "\r\n.\r\n" : "\r\n");
        if (!end) return buffer_count(&c->in) < (1 << 22);
        if (c->in_data) {
            struct arrival a = {MAIL, "smtp", "", 0, start, (size_t)(end + 2 - start)};
            buffer_print(&c->out, "250 2.0.0 taken %llu\r\n", (unsigned long long)arrived(&a));
            c->in_data = false;
            buffer_drop(&c->in, (size_t)(end + 5 - start));
        } else {
            command(c, start);
            buffer_drop(&c->in, (size_t)(end + 2 - start));
        }
    }
    return true;
}
