// A sink for the benchmark: takes SMS and push requests over HTTP/1.1 (plain and TLS), push over HTTP/2, and mail over SMTP, and answers
// each with what a provider says that took it. One thread, one epoll: fast enough that the sender is what is measured.
//
//     sink HTTP-PORT TLS-PORT SMTP-PORT CERTIFICATE KEY RECORD RECORDED
//
// The first RECORDED arrivals of each channel are written to the file RECORD, for the limit programs to send again.
#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void buffer_add(struct buffer *b, const void *bytes, size_t count) {
    if (b->head == b->length) b->head = b->length = 0;
    if (b->length + count + 1 > b->room) {
        b->room = (b->length + count + 1) * 2;
        if (!(b->bytes = realloc(b->bytes, b->room))) abort();
    }
    memcpy(b->bytes + b->length, bytes, count);
    b->length += count;
    b->bytes[b->length] = 0;
}

void buffer_print(struct buffer *b, const char *format, ...) {
    char text[1024];
    va_list values;
    va_start(values, format);
    int count = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    buffer_add(b, text, (size_t)count < sizeof text ? (size_t)count : sizeof text - 1);
}

void buffer_drop(struct buffer *b, size_t count) {
    b->head += count;
    if (b->head == b->length) b->head = b->length = 0;
}

static int loop;
static SSL_CTX *tls;

static int listener(const char *port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 1024)) {
        perror(port);
        exit(1);
    }
    return fd;
}

static int choose(SSL *ssl, const unsigned char **out, unsigned char *length, const unsigned char *in, unsigned count, void *unused) {
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    (void)ssl, (void)unused;
    return SSL_select_next_proto((unsigned char **)out, length, ours, sizeof ours - 1, in, count) == OPENSSL_NPN_NEGOTIATED
        ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void shut(struct connection *c) {
    end_h2(c);
    if (c->ssl) SSL_free(c->ssl);
    close(c->fd);
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
}

static void welcome(int from, enum speech speech) {
    int fd, on = 1;
    while ((fd = accept4(from, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->speech = speech;
        if (speech == SPEAKS_TLS) {
            c->ssl = SSL_new(tls);
            SSL_set_fd(c->ssl, fd);
            SSL_set_accept_state(c->ssl);
        }
        if (speech == SPEAKS_SMTP) greet_smtp(c);
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
        epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
    }
}

/// Reads all there is. False at the end of the connection.
static bool fill(struct connection *c) {
    char room[65536];
    for (;;) {
        // Another connection's end must not be taken for an error of this one.
        ERR_clear_error();
        ssize_t count = c->ssl ? SSL_read(c->ssl, room, sizeof room) : read(c->fd, room, sizeof room);
        if (count > 0) {
            buffer_add(&c->in, room, (size_t)count);
            // A short read has emptied the socket: no need to hear EAGAIN.
            if (!c->ssl && (size_t)count < sizeof room) return true;
            continue;
        }
        if (!c->ssl) return count < 0 && errno == EAGAIN;
        int why = SSL_get_error(c->ssl, (int)count);
        return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    }
}

static bool flush(struct connection *c) {
    while (buffer_count(&c->out) > 0) {
        ERR_clear_error();
        ssize_t count = c->ssl ? SSL_write(c->ssl, buffer_start(&c->out), (int)buffer_count(&c->out))
                               : write(c->fd, buffer_start(&c->out), buffer_count(&c->out));
        if (count <= 0) return c->ssl ? SSL_get_error(c->ssl, (int)count) == SSL_ERROR_WANT_WRITE : errno == EAGAIN;
        buffer_drop(&c->out, (size_t)count);
    }
    return !c->ends;
}

static bool speak(struct connection *c) {
    if (c->speech == SPEAKS_SMTP) return speak_smtp(c);
    if (!c->ssl) return speak_http(c);
    if (!SSL_is_init_finished(c->ssl)) return true;
    const unsigned char *protocol;
    unsigned length;
    SSL_get0_alpn_selected(c->ssl, &protocol, &length);
    return length == 2 ? speak_h2(c) : speak_http(c);
}

static void prepare_tls(const char *certificate, const char *key) {
    tls = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(tls, choose, NULL);
    if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 || SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
}

void record_to(const char *path, unsigned count);

int main(int count, char **arguments) {
    if (count != 8) return fprintf(stderr, "usage: sink HTTP-PORT TLS-PORT SMTP-PORT CERTIFICATE KEY RECORD RECORDED\n"), 64;
    signal(SIGPIPE, SIG_IGN);
    prepare_tls(arguments[4], arguments[5]);
    record_to(arguments[6], (unsigned)atoi(arguments[7]));
    loop = epoll_create1(EPOLL_CLOEXEC);
    int doors[3];
    for (int n = 0; n < 3; n++) {
        doors[n] = listener(arguments[n + 1]);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &doors[n]};
        epoll_ctl(loop, EPOLL_CTL_ADD, doors[n], &event);
    }
    printf("ready\n");
    fflush(stdout);
    struct epoll_event events[256];
    for (;;) {
        int ready = epoll_wait(loop, events, 256, -1);
        for (int n = 0; n < ready; n++) {
            int *door = events[n].data.ptr;
            if (door >= doors && door < doors + 3) {
                welcome(*door, (enum speech)(door - doors));
                continue;
            }
            struct connection *c = events[n].data.ptr;
            bool goes_on = fill(c);
            goes_on = speak(c) && flush(c) && goes_on;
            if (!goes_on) shut(c);
        }
    }
}
