// Puts events into Clarion over HTTP, for the benchmark.
//
//     feed batch PORT EVENTS BATCH CONNECTIONS   as fast as it takes them, BATCH events a request, one request at a time on a connection
//     feed open  PORT EVENTS RATE CONNECTIONS    RATE events a second, one a request, at their times whether or not the last was answered
//
// EVENTS holds one JSON object a line. Prints {"events", "start", "end", "late"}: nanoseconds of CLOCK_MONOTONIC; `late` is how far behind its
// time the latest request left. With `open`, event n is meant to leave at start + n / RATE.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct line {
    char *start;
    size_t count;
};
struct client {
    int fd;
    bool is_busy;
    char answer[65536];
    size_t count;
};
static struct line *lines;
static size_t line_count, sent;
static const char *port;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void fail(const char *words) {
    perror(words);
    exit(1);
}

static void load(const char *path) {
    int fd = open(path, O_RDONLY);
    struct stat about;
    if (fd < 0 || fstat(fd, &about)) fail(path);
    char *text = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0), *end = text + about.st_size;
    if (text == MAP_FAILED) fail(path);
    size_t room = 0;
    for (char *next; text < end && (next = memchr(text, '\n', (size_t)(end - text))); text = next + 1) {
        if (line_count == room) lines = realloc(lines, (room = room * 2 + 1024) * sizeof *lines);
        lines[line_count++] = (struct line){text, (size_t)(next - text)};
    }
}

static int join(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void write_all(int fd, struct iovec *parts, int count) {
    while (count > 0) {
        ssize_t done = writev(fd, parts, count > 1024 ? 1024 : count);
        if (done < 0) fail("write");
        for (; count > 0 && (size_t)done >= parts->iov_len; parts++, count--) done -= (ssize_t)parts->iov_len;
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + done;
            parts->iov_len -= (size_t)done;
        }
    }
}

/// One request with the next `batch` lines; a batch is a JSON array, one event stands alone.
static void post(struct client *c, size_t batch, bool is_single) {
    static struct iovec parts[4096];
    char head[256];
    int count = 1;
    size_t size = is_single ? 0 : 1;
    if (batch > line_count - sent) batch = line_count - sent;
    for (size_t n = 0; n < batch; n++) {
        struct line *line = &lines[sent++];
        if (!is_single) parts[count++] = (struct iovec){n ? "," : "[", 1};
        parts[count++] = (struct iovec){line->start, line->count};
        size += line->count + !is_single;
    }
    if (!is_single) parts[count++] = (struct iovec){"]", 1};
    int length = snprintf(
        head, sizeof head, "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: application/cloudevents%s+json\r\nContent-Length: %zu\r\n\r\n",
        port, is_single ? "" : "-batch", size);
    parts[0] = (struct iovec){head, (size_t)length};
    write_all(c->fd, parts, count);
    c->is_busy = true;
    c->count = 0;
}

/// Takes what came of an answer; free again when it is whole. Anything but 202 ends the run.
static void hear(struct client *c) {
    ssize_t count = read(c->fd, c->answer + c->count, sizeof c->answer - 1 - c->count);
    if (count == 0 && !c->is_busy) {
        // Closed after a while without a request.
        close(c->fd);
        c->fd = join();
        return;
    }
    if (count <= 0) fail("the connection ended before the answer");
    c->count += (size_t)count;
    c->answer[c->count] = 0;
    char *end = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "content-length:");
    if (!end || !length || length > end) return;
    size_t whole = (size_t)(end + 4 - c->answer) + strtoul(length + 15, NULL, 10);
    if (strncmp(c->answer, "HTTP/1.1 202", 12) != 0) {
        fprintf(stderr, "%.600s\n", c->answer);
        exit(1);
    }
    if (c->count >= whole) c->is_busy = false;
    // The answer to a batch may be longer than the room; its end is all that matters.
    else if (c->count > sizeof c->answer / 2) {
        size_t rest = whole - c->count;
        while (rest > 0) {
            ssize_t more = read(c->fd, c->answer, rest < sizeof c->answer ? rest : sizeof c->answer);
            if (more <= 0) fail("read");
            rest -= (size_t)more;
        }
        c->is_busy = false;
    }
}

int main(int count, char **arguments) {
    if (count != 6) return fprintf(stderr, "usage: feed batch|open PORT EVENTS BATCH|RATE CONNECTIONS\n"), 64;
    bool is_open = strcmp(arguments[1], "open") == 0;
    port = arguments[2];
    load(arguments[3]);
    size_t size = strtoul(arguments[4], NULL, 10), client_count = strtoul(arguments[5], NULL, 10);
    struct client *clients = calloc(client_count, sizeof *clients);
    struct pollfd *polls = calloc(client_count, sizeof *polls);
    for (size_t n = 0; n < client_count; n++) {
        clients[n].fd = join();
        polls[n] = (struct pollfd){clients[n].fd, POLLIN, 0};
    }
    uint64_t start = now(), latest = 0;
    for (size_t busy = 0; sent < line_count || busy > 0;) {
        uint64_t at = now(), due = start;
        for (size_t n = 0; n < client_count && sent < line_count; n++) {
            if (clients[n].is_busy) continue;
            due = is_open ? start + sent * 1000000000 / size : at;
            if (due > at) break;
            if (is_open && at - due > latest) latest = at - due;
            post(&clients[n], is_open ? 1 : size, is_open);
        }
        int64_t wait = sent < line_count && is_open ? (int64_t)(start + sent * 1000000000 / size) - (int64_t)now() : 1000000000;
        if (wait < 0) wait = 0;
        busy = 0;
        for (size_t n = 0; n < client_count; n++) busy += clients[n].is_busy;
        // Every connection waits for an answer: nothing can leave before one comes.
        if (busy == client_count) wait = 1000000000;
        struct timespec limit = {wait / 1000000000, wait % 1000000000};
        if (ppoll(polls, client_count, &limit, NULL) > 0) {
            for (size_t n = 0; n < client_count; n++) {
                if (polls[n].revents) hear(&clients[n]);
                polls[n].fd = clients[n].fd;
            }
        }
        busy = 0;
        for (size_t n = 0; n < client_count; n++) busy += clients[n].is_busy;
    }
    printf("{\"events\":%zu,\"start\":%llu,\"end\":%llu,\"late\":%llu}\n", sent, (unsigned long long)start, (unsigned long long)now(),
        (unsigned long long)latest);
}
