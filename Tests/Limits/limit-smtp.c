// The limit of mail: bare libcurl. Sends the mails that the sink recorded of Clarion, over and over, over connections that stay open.
//
//     limit-smtp RECORD URL COUNT CONNECTIONS
//
// Prints {"requests", "failed", "seconds", "cpu"}; cpu is user and system time of the process, in seconds.
#include "limit-mails.h"

static size_t started, done, failed;

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: limit-smtp RECORD URL COUNT CONNECTIONS\n"), 64;
    load_mails(arguments[1]);
    size_t wanted = strtoul(arguments[3], NULL, 10), connections = strtoul(arguments[4], NULL, 10);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections * 2);
    struct session *sessions = calloc(connections, sizeof *sessions);
    double begun = seconds(), used = cpu();
    for (size_t n = 0; n < connections; n++) {
        open_session(&sessions[n], arguments[2]);
        start_mail(multi, &sessions[n], started++);
    }
    while (done < wanted) {
        int running;
        curl_multi_perform(multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &running));) {
            struct session *s = NULL;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&s);
            failed += message->data.result != CURLE_OK;
            done++;
            curl_multi_remove_handle(multi, s->easy);
            if (started < wanted) start_mail(multi, s, started++);
        }
        if (done < wanted) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n", done, failed, seconds() - begun, cpu() - used);
    return failed ? 1 : 0;
}
