// The limit of HTTP deliveries: bare libcurl. Sends the requests that the sink recorded of Clarion, over and over, with the same headers and
// bodies, and does nothing else: no store, no text, no look at the answer but its status.
//
//     limit-http RECORD CHANNELS COUNT CONNECTIONS [CA-FILE]      CHANNELS: sms,push or h2
//
// Prints {"requests", "failed", "seconds", "cpu"}; cpu is user and system time of the process, in seconds.
#include "limit.h"

#include <curl/curl.h>
#include <stdbool.h>

struct request {
    char *url, *body;
    size_t body_count;
    struct curl_slist *headers;
};
static struct request *requests;
static size_t request_count, started, wanted, failed, done;
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

static void load(const char *path, const char *channels) {
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

static void start(CURLM *multi, CURL *easy) {
    struct request *r = &requests[started++ % request_count];
    curl_easy_setopt(easy, CURLOPT_URL, r->url);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, r->body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_count);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers);
    curl_multi_add_handle(multi, easy);
}

int main(int count, char **arguments) {
    if (count < 5) return fprintf(stderr, "usage: limit-http RECORD CHANNELS COUNT CONNECTIONS [CA-FILE]\n"), 64;
    is_h2 = strcmp(arguments[2], "h2") == 0;
    load(arguments[1], arguments[2]);
    wanted = strtoul(arguments[3], NULL, 10);
    size_t connections = strtoul(arguments[4], NULL, 10);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections * 2);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 64L);
    double begun = seconds(), used = cpu();
    for (size_t n = 0; n < connections; n++) start(multi, handle(count > 5 ? arguments[5] : NULL));
    while (done < wanted) {
        int running;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &running));) {
            CURL *easy = message->easy_handle;
            long status = 0;
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            if (message->data.result != CURLE_OK || status / 100 != 2) {
                if (failed++ == 0) fprintf(stderr, "%s, status %ld\n", curl_easy_strerror(message->data.result), status);
            }
            done++;
            curl_multi_remove_handle(multi, easy);
            if (started < wanted) start(multi, easy);
        }
        if (done < wanted) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n", done, failed, seconds() - begun, cpu() - used);
    return failed ? 1 : 0;
}
