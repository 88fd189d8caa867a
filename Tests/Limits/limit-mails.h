// The mails that the sink recorded of Clarion, over SMTP sessions that stay open.
#pragma once

#include "limit.h"

#include <curl/curl.h>

struct mail {
    char *body;
    size_t count;
};
/// A handle, which is a session, and how much of its mail it has given away.
struct session {
    CURL *easy;
    struct mail *mail;
    size_t taken, number;
};
static struct mail *mails;
static size_t mail_count;

static void load_mails(const char *path) {
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

static size_t ignore_mail(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)unused;
    return size * count;
}

static void open_session(struct session *s, const char *url) {
    static struct curl_slist *to;
    if (!to) to = curl_slist_append(NULL, "<customer000000000@example.com>");
    CURL *easy = s->easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "<no-reply@pay.example>");
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(easy, CURLOPT_READDATA, s);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_mail);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, s);
}

/// Sends one of the mails, by any number.
static void start_mail(CURLM *multi, struct session *s, size_t number) {
    (s->mail = &mails[number % mail_count]), (s->taken = 0), (s->number = number);
    curl_easy_setopt(s->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->mail->count);
    curl_multi_add_handle(multi, s->easy);
}
