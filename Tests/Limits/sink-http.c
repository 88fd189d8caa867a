// HTTP/1.1 of the sink: keep-alive, requests with Content-Length, one answer for each.
#include "sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void answer(struct buffer *out, const char *status, const char *body, size_t count) {
    buffer_print(out, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, count);
    buffer_add(out, body, count);
}

/// The value of a header in `head`, or NULL; `name` ends in a colon.
static const char *find(const char *head, const char *end, const char *name) {
    size_t length = strlen(name);
    for (const char *line = strchr(head, '\n'); line && line + 1 < end; line = strchr(line + 1, '\n')) {
        if (strncasecmp(line + 1, name, length) == 0) return line + 1 + length + strspn(line + 1 + length, " ");
    }
    return NULL;
}

static void reply(struct connection *c, const char *head, const char *end, const char *body, size_t count) {
    char path[512], text[256], target[640];
    if (sscanf(head, "%*s %511s", path) != 1) return answer(&c->out, "400 Bad Request", "", 0);
    const char *host = find(head, end, "Host:"), *lines = strchr(head, '\n') + 1;
    snprintf(target, sizeof target, "%s://%.*s%s", c->ssl ? "https" : "http", (int)strcspn(host ? host : "", "\r\n"), host ? host : "", path);
    struct arrival a = {SMS, target, lines, (size_t)(end + 2 - lines), body, count};
    if (strncmp(path, "/sms", 4) == 0) {
        uint64_t number = arrived(&a);
        int length = snprintf(text, sizeof text, "{\"id\":\"sms-%llu\"}", (unsigned long long)number);
        answer(&c->out, "201 Created", text, (size_t)length);
    } else if (strncmp(path, "/v1/projects/", 13) == 0) {
        a.channel = PUSH;
        uint64_t number = arrived(&a);
        int length = snprintf(text, sizeof text, "{\"name\":\"projects/bench/messages/%llu\"}", (unsigned long long)number);
        answer(&c->out, "200 OK", text, (size_t)length);
    } else if (strncmp(path, "/token", 6) == 0) {
        static const char token[] = "{\"access_token\":\"bench\",\"expires_in\":3600,\"token_type\":\"Bearer\"}";
        answer(&c->out, "200 OK", token, sizeof token - 1);
    } else {
        struct buffer whole = {0};
        bool known = control(path, &whole);
        answer(&c->out, known ? "200 OK" : "404 Not Found", whole.bytes ? buffer_start(&whole) : "", buffer_count(&whole));
        free(whole.bytes);
    }
}

bool speak_http(struct connection *c) {
    while (buffer_count(&c->in) > 0) {
        char *head = buffer_start(&c->in), *end = strstr(head, "\r\n\r\n");
        if (!end) return buffer_count(&c->in) < 65536;
        const char *length = find(head, end, "Content-Length:");
        size_t head_count = (size_t)(end + 4 - head), body_count = length ? strtoul(length, NULL, 10) : 0;
        if (buffer_count(&c->in) < head_count + body_count) return true;
        reply(c, head, end, end + 4, body_count);
        buffer_drop(&c->in, head_count + body_count);
    }
    return true;
}
