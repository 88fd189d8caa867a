// What bare libcurl sends: the requests that the sink recorded of Clarion, with the same headers and bodies, over handles that are kept.
#pragma once

#include "limit.h"

#include <curl/curl.h>
#include <stdbool.h>

struct request {
    char *url, *body;
    size_t body_count;
    struct curl_slist *headers;
};
static struct request *requests;
static size_t request_count;
static bool is_h2;

/// Headers as libcurl is to send them; those it writes by itself are left out.
static struct curl_slist *headers_of(char *text) {
    struct curl_slist *list = NULL;
    for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        static const char *const own[] = {"host:", "content-length:", "accept:", "user-agent:"};
        bool is_own = false;
        for (size_t n = 0; n < sizeof own / sizeof *own; n++) is_own |= strncasecmp(line, own[n], strlen(own[n])) == 0;
        if (!is_own) list = curl_slist_append(list, line);
    }
    return curl_slist_append(list, "Expect:");
}

static void load_requests(const char *path, const char *channels) {
    FILE *file = open_or_end(path, "r");
    for (struct recorded r; next_recorded(file, &r);) {
        if (!strstr(channels, r.channel)) continue;
        requests = realloc(requests, (request_count + 1) * sizeof *requests);
        requests[request_count++] = (struct request){strdup(r.target), r.body, r.body_count, headers_of(r.headers)};
    }
    fclose(file);
    if (request_count == 0) fprintf(stderr, "%s: no request of %s\n", path, channels), exit(1);
}

static size_t ignore(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)unused;
    return size * count;
}

static CURL *handle(const char *authority) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "Clarion");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, ignore);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, is_h2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    if (is_h2) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    if (authority) curl_easy_setopt(easy, CURLOPT_CAINFO, authority);
    return easy;
}

/// Sends one of the requests, by any number.
static void start(CURLM *multi, CURL *easy, size_t number) {
    struct request *r = &requests[number % request_count];
    curl_easy_setopt(easy, CURLOPT_URL, r->url);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_count);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers);
    curl_multi_add_handle(multi, easy);
}

/// Says what went wrong with the first.
static bool was_accepted(const CURLMsg *message) {
    static bool is_said;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result == CURLE_OK && status / 100 == 2) return true;
    if (!is_said) fprintf(stderr, "%s, status %ld\n", curl_easy_strerror(message->data.result), status);
    is_said = true;
    return false;
}
