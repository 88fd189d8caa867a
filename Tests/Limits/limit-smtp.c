// The limit of mail: bare libcurl. Sends the mails that the sink recorded of Clarion, over and over, over connections that stay open.
//
//     limit-smtp RECORD URL COUNT CONNECTIONS
//
// Prints {"requests", "failed", "seconds", "cpu"}; cpu is user and system time of the process, in seconds.
#include "limit.h"

#include <curl/curl.h>

struct mail {
    char *body;
    size_t count;
};
struct session {
    CURL *easy;
    struct mail *mail;
    size_t taken;
};
static struct mail *mails;
static size_t mail_count, started, done, failed;

static void load(const char *path) {
    FILE *file = open_or_end(path, "r");
    for (struct recorded r; next_recorded(file, &r);) {
        if (strcmp(r.channel, "mail") != 0) continue;
        mails = realloc(mails, (mail_count + 1) * sizeof *mails);
        mails[mail_count++] = (struct mail){r.body, r.body_count};
    }
    fclose(file);
    if (mail_count == 0) fprintf(stderr, "%s: no mail\n", path), exit(1);
}

static size_t give(char *room, size_t size, size_t count, void *context) {
    struct session *s = context;
    size_t rest = s->mail->count - s->taken, part = size * count < rest ? size * count : rest;
    memcpy(room, s->mail->body + s->taken, part);
    s->taken += part;
    return part;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)unused;
    return size * count;
}

static void start(CURLM *multi, struct session *s) {
    s->mail = &mails[started++ % mail_count];
    s->taken = 0;
    curl_easy_setopt(s->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->mail->count);
    curl_multi_add_handle(multi, s->easy);
}

int main(int count, char **arguments) {
    if (count != 5) return fprintf(stderr, "usage: limit-smtp RECORD URL COUNT CONNECTIONS\n"), 64;
    load(arguments[1]);
    size_t wanted = strtoul(arguments[3], NULL, 10), connections = strtoul(arguments[4], NULL, 10);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections * 2);
    struct curl_slist *to = curl_slist_append(NULL, "<customer000000000@example.com>");
    struct session *sessions = calloc(connections, sizeof *sessions);
    double begun = seconds(), used = cpu();
    for (size_t n = 0; n < connections; n++) {
        CURL *easy = sessions[n].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, arguments[2]);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "<no-reply@pay.example>");
        curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
        curl_easy_setopt(easy, CURLOPT_READDATA, &sessions[n]);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &sessions[n]);
        start(multi, &sessions[n]);
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
            if (started < wanted) start(multi, s);
        }
        if (done < wanted) curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("{\"requests\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"cpu\":%.6f}\n", done, failed, seconds() - begun, cpu() - used);
    return failed ? 1 : 0;
}
