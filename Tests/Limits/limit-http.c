// The limit of HTTP deliveries: bare libcurl. Sends the requests that the sink recorded of Clarion, over and over, with the same headers and
// bodies, and does nothing else: no store, no text, no look at the answer but its status.
//
//     limit-http RECORD CHANNELS COUNT CONNECTIONS [CA-FILE]      CHANNELS: sms,push or h2
//
// Prints {"requests", "failed", "seconds", "cpu"}; cpu is user and system time of the process, in seconds.
#include "limit-requests.h"

static size_t started, wanted, failed, done;

int main(int count, char **arguments) {
    if (count < 5) return fprintf(stderr, "usage: limit-http RECORD CHANNELS COUNT CONNECTIONS [CA-FILE]\n"), 64;
    is_h2 = strcmp(arguments[2], "h2") == 0;
    load_requests(arguments[1], arguments[2]);
    wanted = strtoul(arguments[3], NULL, 10);
    size_t connections = strtoul(arguments[4], NULL, 10);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections * 2);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 64L);
    double begun = seconds(), used = cpu();
    for (size_t n = 0; n < connections; n++) start(multi, handle(count > 5 ? arguments[5] : NULL), started++);
    while (done < wanted) {
        int running;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &running));) {
            CURL *easy = message->easy_handle;
            failed += !was_accepted(message);
            done++;
            curl_multi_remove_handle(multi, easy);
            if (started < wanted) start(multi, easy, started++);
        }
        if (done < wanted) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n", done, failed, seconds() - begun, cpu() - used);
    return failed ? 1 : 0;
}
