// HTTP/2 of the sink, by libnghttp2: every request is answered 200 with the `apns-id` it came with.
#include "sink.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct stream {
    char id[64], path[512], authority[128];
    struct buffer headers, body;
};

static struct stream *stream_of(nghttp2_session *session, int32_t id) { return nghttp2_session_get_stream_user_data(session, id); }

static int begun(nghttp2_session *session, const nghttp2_frame *frame, void *unused) {
    (void)unused;
    struct stream *stream = calloc(1, sizeof *stream);
    return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
}

static int header(
    nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_count, const uint8_t *value, size_t value_count,
    uint8_t flags, void *unused) {
    (void)flags, (void)unused;
    struct stream *stream = stream_of(session, frame->hd.stream_id);
    if (!stream) return 0;
    if (name_count == 7 && memcmp(name, "apns-id", 7) == 0) snprintf(stream->id, sizeof stream->id, "%.*s", (int)value_count, value);
    if (name_count == 5 && memcmp(name, ":path", 5) == 0) snprintf(stream->path, sizeof stream->path, "%.*s", (int)value_count, value);
    if (name_count == 10 && memcmp(name, ":authority", 10) == 0) {
        snprintf(stream->authority, sizeof stream->authority, "%.*s", (int)value_count, value);
    }
    if (name[0] != ':') buffer_print(&stream->headers, "%.*s: %.*s\r\n", (int)name_count, name, (int)value_count, value);
    return 0;
}

static int data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t count, void *unused) {
    (void)flags, (void)unused;
    struct stream *stream = stream_of(session, id);
    if (stream) buffer_add(&stream->body, bytes, count);
    return 0;
}

static int received(nghttp2_session *session, const nghttp2_frame *frame, void *unused) {
    (void)unused;
    bool is_request = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    struct stream *stream = is_request ? stream_of(session, frame->hd.stream_id) : NULL;
    if (!stream || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    char target[768];
    snprintf(target, sizeof target, "https://%s%s", stream->authority, stream->path);
    struct arrival a = {
        H2, target, buffer_start(&stream->headers), buffer_count(&stream->headers), buffer_start(&stream->body),
        buffer_count(&stream->body)};
    arrived(&a);
    nghttp2_nv answer[] = {
        {(uint8_t *)":status", (uint8_t *)"200", 7, 3, NGHTTP2_NV_FLAG_NONE},
        {(uint8_t *)"apns-id", (uint8_t *)stream->id, 7, strlen(stream->id), NGHTTP2_NV_FLAG_NONE},
    };
    return nghttp2_submit_response(session, frame->hd.stream_id, answer, 2, NULL);
}

static int closed(nghttp2_session *session, int32_t id, uint32_t code, void *unused) {
    (void)code, (void)unused;
    struct stream *stream = stream_of(session, id);
    if (!stream) return 0;
    free(stream->headers.bytes);
    free(stream->body.bytes);
    free(stream);
    return nghttp2_session_set_stream_user_data(session, id, NULL);
}

static nghttp2_session *start(struct connection *c) {
    nghttp2_session_callbacks *calls;
    nghttp2_session *session;
    nghttp2_session_callbacks_new(&calls);
    nghttp2_session_callbacks_set_on_begin_headers_callback(calls, begun);
    nghttp2_session_callbacks_set_on_header_callback(calls, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(calls, received);
    nghttp2_session_callbacks_set_on_stream_close_callback(calls, closed);
    // libcurl 7.88 resets each stream once its answer, which has no body, is there; nghttp2 ends a connection at the thousandth reset.
    nghttp2_option *options;
    nghttp2_option_new(&options);
    nghttp2_option_set_stream_reset_rate_limit(options, UINT64_MAX, UINT64_MAX);
    nghttp2_session_server_new2(&session, calls, c, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(calls);
    // As many as Apple's service allows.
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1000}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20}};
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, 1 << 24);
    return session;
}

bool speak_h2(struct connection *c) {
    if (!c->h2) c->h2 = start(c);
    nghttp2_session *session = c->h2;
    ssize_t used = nghttp2_session_mem_recv(session, (uint8_t *)(c->in.bytes ? buffer_start(&c->in) : ""), buffer_count(&c->in));
    if (used < 0) return false;
    buffer_drop(&c->in, (size_t)used);
    const uint8_t *bytes;
    ssize_t count;
    while ((count = nghttp2_session_mem_send(session, &bytes)) > 0) buffer_add(&c->out, bytes, (size_t)count);
    return count == 0 && (nghttp2_session_want_read(session) || nghttp2_session_want_write(session));
}

void end_h2(struct connection *c) {
    // Streams that are still open lose their memory to the end of the process.
    if (c->h2) nghttp2_session_del(c->h2);
}
