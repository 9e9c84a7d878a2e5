internal import CGStreamer
internal import Synchronization

/// A GStreamer pipeline made from text.
final class Pipeline: @unchecked Sendable {  // the pointer never changes, and what is called on it is thread-safe
    /// Borrowed; valid as long as the pipeline.
    let element: UnsafeMutablePointer<GstElement>
    private let isStopped = Mutex(false)

    /// - Throws: `badPipeline` with GStreamer's message.
    init(parsing text: String, name: String) throws(SourceError) {
        try GStreamer.initialize()
        var error: UnsafeMutablePointer<GError>?
        let parsed = gst_parse_launch(text, &error)
        let message = GStreamer.takeMessage(of: &error)
        guard let parsed, message == nil else {
            if let parsed { gst_object_unref(parsed) }
            throw SourceError(.badPipeline, "Pipeline \(name): \(message ?? "it is empty").")
        }
        gst_object_ref_sink(parsed)
        element = parsed
    }

    deinit {
        guard !isStopped.withLock({ $0 }) else { return gst_object_unref(element) }
        // This may be any thread.
        nonisolated(unsafe) let element = element
        Reaper.run {
            gst_element_set_state(element, GST_STATE_NULL)
            gst_object_unref(element)
        }
    }

    /// Calls `body` with the element of that name; nil where the pipeline has none.
    func withElement<Result>(_ name: String, _ body: (UnsafeMutablePointer<GstElement>) -> Result) -> Result? {
        guard let bin = cgst_as_bin(element), let found = gst_bin_get_by_name(bin, name) else { return nil }
        defer { gst_object_unref(found) }
        return body(found)
    }

    /// `handler` gets errors and their cause in detail (empty where there is none) on the thread where they occur;
    /// it must not change the pipeline's state.
    func onError(_ handler: @escaping @Sendable (UnsafePointer<GError>, String) -> Void) {
        final class Context {
            let handler: @Sendable (UnsafePointer<GError>, String) -> Void
            init(_ handler: @escaping @Sendable (UnsafePointer<GError>, String) -> Void) { self.handler = handler }
        }
        guard let bus = gst_element_get_bus(element) else { return }
        defer { gst_object_unref(bus) }
        gst_bus_set_sync_handler(
            bus,
            { _, message, context in
                guard let message, let context else { return GST_BUS_DROP }
                if message.pointee.type == GST_MESSAGE_ERROR {
                    var error: UnsafeMutablePointer<GError>?
                    var debug: UnsafeMutablePointer<gchar>?
                    gst_message_parse_error(message, &error, &debug)
                    if let error {
                        let cause = Pipeline.cause(debug)
                        Unmanaged<Context>.fromOpaque(context).takeUnretainedValue().handler(error, cause)
                        g_error_free(error)
                    }
                    g_free(debug)
                }
                gst_message_unref(message)
                return GST_BUS_DROP
            }, Unmanaged.passRetained(Context(handler)).toOpaque(),
            { context in if let context { Unmanaged<Context>.fromOpaque(context).release() } })
    }

    /// The last part of a debug text such as `file.c(12): function (): /element:\ntext`.
    private static func cause(_ debug: UnsafeMutablePointer<gchar>?) -> String {
        guard let debug else { return "" }
        let lines = String(cString: debug).split(separator: "\n")
        return lines.count > 1 ? String(lines[1]) : ""
    }

    /// May block, as opening a file does. Never from a streaming thread.
    func play() { gst_element_set_state(element, GST_STATE_PLAYING) }

    /// Stops everything and frees the resources; blocks, at times for long. Never from a streaming thread.
    func stop() {
        gst_element_set_state(element, GST_STATE_NULL)
        isStopped.withLock { $0 = true }
    }
}
