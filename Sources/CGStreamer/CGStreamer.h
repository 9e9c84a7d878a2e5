// GStreamer, its appsink and appsrc, and its RTSP server, for the module Capture. Macros and variadic functions do not
// reach Swift: each gets a `static` twin here, named cgst_*.
#pragma once
#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <sys/prctl.h>

static const GstClockTime cgst_clock_none = GST_CLOCK_TIME_NONE;

// Casts; NULL where the object is of another type.

static inline GstAppSink *cgst_as_app_sink(GstElement *element) {
    return GST_IS_APP_SINK(element) ? GST_APP_SINK(element) : NULL;
}

static inline GstAppSrc *cgst_as_app_src(GstElement *element) {
    return GST_IS_APP_SRC(element) ? GST_APP_SRC(element) : NULL;
}

static inline GstBin *cgst_as_bin(GstElement *element) {
    return GST_IS_BIN(element) ? GST_BIN(element) : NULL;
}

// Properties.

static inline void cgst_set_string(gpointer object, const char *name, const char *value) {
    g_object_set(object, name, value, NULL);
}

static inline void cgst_set_bool(gpointer object, const char *name, gboolean value) {
    g_object_set(object, name, value, NULL);
}

// Signals. `release` frees `context` when the handler is disconnected, at the latest with the object.

typedef void (*cgst_pad_handler)(GstElement *element, GstPad *pad, gpointer context);
typedef void (*cgst_element_handler)(GstElement *element, gpointer context);
typedef gboolean (*cgst_stream_selector)(GstElement *source, guint stream, GstCaps *caps, gpointer context);
typedef gboolean (*cgst_plug_selector)(GstElement *source, GstPad *pad, GstCaps *caps, gpointer context);
typedef void (*cgst_media_handler)(GstRTSPMediaFactory *factory, GstRTSPMedia *media, gpointer context);

static inline void cgst_connect(
    gpointer object, const char *signal, GCallback handler, gpointer context, void (*release)(gpointer)) {
    g_signal_connect_data(object, signal, handler, context, (GClosureNotify)(void (*)(void))release, (GConnectFlags)0);
}

static inline void cgst_on_pad_added(
    GstElement *element, cgst_pad_handler handler, gpointer context, void (*release)(gpointer)) {
    cgst_connect(element, "pad-added", G_CALLBACK(handler), context, release);
}

static inline void cgst_on_no_more_pads(
    GstElement *element, cgst_element_handler handler, gpointer context, void (*release)(gpointer)) {
    cgst_connect(element, "no-more-pads", G_CALLBACK(handler), context, release);
}

static inline void cgst_on_select_stream(
    GstElement *source, cgst_stream_selector selector, gpointer context, void (*release)(gpointer)) {
    cgst_connect(source, "select-stream", G_CALLBACK(selector), context, release);
}

static inline void cgst_on_autoplug_continue(
    GstElement *source, cgst_plug_selector selector, gpointer context, void (*release)(gpointer)) {
    cgst_connect(source, "autoplug-continue", G_CALLBACK(selector), context, release);
}

static inline void cgst_on_media_configure(
    GstRTSPMediaFactory *factory, cgst_media_handler handler, gpointer context, void (*release)(gpointer)) {
    cgst_connect(factory, "media-configure", G_CALLBACK(handler), context, release);
}

// Whether an object's class has a signal of that name.
static inline gboolean cgst_has_signal(gpointer object, const char *signal) {
    return g_signal_lookup(signal, G_OBJECT_TYPE(object)) != 0;
}

// Buffers.

static inline gboolean cgst_buffer_has_flag(GstBuffer *buffer, GstBufferFlags flag) {
    return GST_BUFFER_FLAG_IS_SET(buffer, flag);
}

// Logs and memory.

static inline void cgst_remove_default_log(void) { gst_debug_remove_log_function(gst_debug_log_default); }

// No core dump, and no look at this process's memory by other processes of the same user: prctl(2), PR_SET_DUMPABLE.
static inline void cgst_forbid_core_dump(void) { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Errors.

static inline gboolean cgst_error_is_resource(const GError *error, GstResourceError code) {
    return g_error_matches(error, GST_RESOURCE_ERROR, code);
}

static inline gboolean cgst_error_is_stream(const GError *error, GstStreamError code) {
    return g_error_matches(error, GST_STREAM_ERROR, code);
}

static inline gboolean cgst_clear_time(GstBuffer **buffer, guint index, gpointer context) {
    *buffer = gst_buffer_make_writable(*buffer);
    GST_BUFFER_PTS(*buffer) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DTS(*buffer) = GST_CLOCK_TIME_NONE;
    return TRUE;
}

static inline GstPadProbeReturn cgst_clear_times(GstPad *pad, GstPadProbeInfo *info, gpointer context) {
    if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST) {
        GstBufferList *list = gst_buffer_list_make_writable(GST_PAD_PROBE_INFO_BUFFER_LIST(info));
        gst_buffer_list_foreach(list, cgst_clear_time, context);
        info->data = list;
    } else {
        cgst_clear_time((GstBuffer **)&info->data, 0, context);
    }
    return GST_PAD_PROBE_OK;
}

// Takes the time stamps off what leaves the element, so that no sink behind it waits for their time.
static inline void cgst_send_untimed(GstElement *element) {
    GstPad *pad = gst_element_get_static_pad(element, "src");
    if (pad == NULL) return;
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, cgst_clear_times, NULL, NULL);
    gst_object_unref(pad);
}

// RTSP server.

static inline gboolean cgst_quit(gpointer loop) {
    g_main_loop_quit((GMainLoop *)loop);
    return G_SOURCE_REMOVE;
}

// Makes the loop quit as soon as it runs; g_main_loop_quit is lost on a loop that does not run yet.
static inline void cgst_quit_when_running(GMainLoop *loop) {
    GSource *source = g_idle_source_new();
    g_source_set_callback(source, cgst_quit, loop, NULL);
    g_source_attach(source, g_main_loop_get_context(loop));
    g_source_unref(source);
}

// Lets in clients that log in as this user only, by the Digest scheme or by the Basic one.
static inline void cgst_require_login(
    GstRTSPServer *server, const char *user, const char *password, gboolean digest) {
    GstRTSPAuth *auth = gst_rtsp_auth_new();
    GstRTSPToken *token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, "viewer", NULL);
    gst_rtsp_auth_set_supported_methods(auth, digest ? GST_RTSP_AUTH_DIGEST : GST_RTSP_AUTH_BASIC);
    if (digest) {
        gst_rtsp_auth_add_digest(auth, user, password, token);
    } else {
        gchar *basic = gst_rtsp_auth_make_basic(user, password);
        gst_rtsp_auth_add_basic(auth, basic, token);
        g_free(basic);
    }
    gst_rtsp_token_unref(token);
    gst_rtsp_server_set_auth(server, auth);
    g_object_unref(auth);
}

// Lets that role see and play what the factory makes.
static inline void cgst_admit_viewers(GstRTSPMediaFactory *factory) {
    gst_rtsp_media_factory_add_role(factory, "viewer", GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
        GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, NULL);
}
