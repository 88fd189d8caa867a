// libcurl's options are variadic calls, which Swift cannot make: one wrapper per argument type.
// What libcurl offers only as macros or with fd_set is wrapped here too.
#pragma once

#include <curl/curl.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <netinet/in.h>

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
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }

/// The sockets a multi waits for, at most `room` of them, and how many: -1 when there are none to name.
/// Sockets numbered FD_SETSIZE (1024) and above cannot be named by curl_multi_fdset.
static inline int ccurl_multi_sockets(CURLM *multi, struct curl_waitfd *out, int room) {
    fd_set reads, writes, errors;
    int last = -1, count = 0;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_ZERO(&errors);
    if (curl_multi_fdset(multi, &reads, &writes, &errors, &last) != CURLM_OK || last < 0) return -1;
    for (int fd = 0; fd <= last && count < room; fd++) {
        short events = (FD_ISSET(fd, &reads) ? CURL_WAIT_POLLIN : 0) | (FD_ISSET(fd, &writes) ? CURL_WAIT_POLLOUT : 0);
        if (!events) continue;
        out[count].fd = fd;
        out[count].events = events;
        out[count].revents = 0;
        count++;
    }
    return count;
}

static inline int ccurl_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
