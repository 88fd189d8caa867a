// libcurl's options are variadic calls, which Swift cannot make: one wrapper per argument type.
// What libcurl offers only as macros or with fd_set is wrapped here too.
#pragma once

#include <curl/curl.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) { return curl_easy_setopt(easy, option, value); }
static inline CURLcode ccurl_set_off(CURL *easy, CURLoption option, curl_off_t value) { return curl_easy_setopt(easy, option, value); }
/// libcurl copies the text.
static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *text) { return curl_easy_setopt(easy, option, text); }
/// libcurl keeps the pointer.
static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value) { return curl_easy_setopt(easy, option, value); }
/// libcurl keeps the list.
static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *list) { return curl_easy_setopt(easy, option, list); }
static inline CURLcode ccurl_set_read(CURL *easy, curl_read_callback call) { return curl_easy_setopt(easy, CURLOPT_READFUNCTION, call); }
static inline CURLcode ccurl_set_write(CURL *easy, curl_write_callback call) { return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, call); }
static inline CURLcode ccurl_set_header(CURL *easy, curl_write_callback call) { return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, call); }
static inline CURLcode ccurl_set_prereq(CURL *easy, curl_prereq_callback call) { return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, call); }
static inline CURLcode ccurl_set_debug(CURL *easy, curl_debug_callback call) { return curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, call); }
static inline CURLcode ccurl_set_resolver_start(CURL *easy, curl_resolver_start_callback call) {
    return curl_easy_setopt(easy, CURLOPT_RESOLVER_START_FUNCTION, call);
}
static inline CURLcode ccurl_set_open_socket(CURL *easy, curl_opensocket_callback call) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, call);
}
static inline CURLcode ccurl_set_close_socket(CURL *easy, curl_closesocket_callback call) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, call);
}

/// 0 when libcurl does not know.
static inline long ccurl_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
static inline curl_off_t ccurl_get_off(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}
static inline void *ccurl_get_private(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) { return curl_multi_setopt(multi, option, value); }
static inline CURLMcode ccurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode ccurl_multi_set_socket(CURLM *multi, curl_socket_callback call) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, call);
}
static inline CURLMcode ccurl_multi_set_timer(CURLM *multi, curl_multi_timer_callback call) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, call);
}
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }

/// A socket and what it is to be waited for (CURL_POLL_IN, CURL_POLL_OUT) or has become (CURL_CSELECT_IN, CURL_CSELECT_OUT): the same bits.
/// `turn` is what it was registered with.
struct ccurl_event {
    int socket, bits;
    unsigned turn;
};

/// The sockets a multi waits for, at most `room` of them, and how many: -1 when there are none to name.
/// Sockets numbered FD_SETSIZE (1024) and above cannot be named by curl_multi_fdset.
static inline int ccurl_multi_sockets(CURLM *multi, struct ccurl_event *out, int room) {
    fd_set reads, writes, errors;
    int last = -1, count = 0;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_ZERO(&errors);
    if (curl_multi_fdset(multi, &reads, &writes, &errors, &last) != CURLM_OK || last < 0) return -1;
    for (int fd = 0; fd <= last && count < room; fd++) {
        int bits = (FD_ISSET(fd, &reads) ? CURL_POLL_IN : 0) | (FD_ISSET(fd, &writes) ? CURL_POLL_OUT : 0);
        if (bits) out[count++] = (struct ccurl_event){.socket = fd, .bits = bits};
    }
    return count;
}

static inline int ccurl_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

static inline int ccurl_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// Waits for `events` (CURL_POLL_IN, CURL_POLL_OUT; 0: no longer) of a socket that epoll knows already, or not.
static inline void ccurl_epoll_set(int epoll, int socket, int events, int is_known, unsigned turn) {
    struct epoll_event event = {
        .events = (events & CURL_POLL_IN ? EPOLLIN : 0) | (events & CURL_POLL_OUT ? EPOLLOUT : 0),
        .data.u64 = (uint64_t)turn << 32 | (unsigned)socket,
    };
    int change = events == 0 ? EPOLL_CTL_DEL : is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(epoll, change, socket, &event) == 0 || events == 0) return;
    // A socket that somebody else closed, or opened, under its number.
    if (errno == ENOENT) epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
    else if (errno == EEXIST) epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event);
}

static inline int ccurl_epoll_wait(int epoll, struct ccurl_event *out, int room, int milliseconds) {
    struct epoll_event found[256];
    int count = epoll_wait(epoll, found, room < 256 ? room : 256, milliseconds);
    for (int n = 0; n < count; n++) {
        out[n].socket = (int)(uint32_t)found[n].data.u64;
        out[n].turn = (unsigned)(found[n].data.u64 >> 32);
        // An error is found by reading, as libcurl's own poll has it.
        out[n].bits = (found[n].events & (EPOLLIN | EPOLLHUP | EPOLLERR) ? CURL_CSELECT_IN : 0)
            | (found[n].events & EPOLLOUT ? CURL_CSELECT_OUT : 0);
    }
    return count;
}

/// Small writes are held back, 200 ms at most, until `ccurl_push` (tcp(7)).
static inline void ccurl_hold(int socket) {
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}
/// Sends what is held back.
static inline void ccurl_push(int socket) {
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}
