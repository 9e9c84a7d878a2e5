internal import CGStreamer

/// The library as a whole.
enum GStreamer {
    private static let initializationError: String? = {
        GStreamerLog.install()
        var error: UnsafeMutablePointer<GError>?
        guard gst_init_check(nil, nil, &error) == 0 else { return nil }
        return takeMessage(of: &error) ?? "unknown reason"
    }()

    /// Prepares GStreamer once a process; any thread.
    static func initialize() throws(SourceError) {
        if let initializationError {
            throw SourceError(.missingElement, "GStreamer does not start: \(initializationError).")
        }
    }

    /// - Throws: `missingElement` for the first that is not installed, with the Debian package that has it.
    static func require(_ elements: some Sequence<String>) throws(SourceError) {
        try initialize()
        for element in elements {
            guard let factory = gst_element_factory_find(element) else {
                throw SourceError(
                    .missingElement,
                    "GStreamer has no element \(element). Install it: apt install \(package(of: element)).")
            }
            gst_object_unref(UnsafeMutableRawPointer(factory))
        }
    }

    /// The error's message; frees it.
    static func takeMessage(of error: inout UnsafeMutablePointer<GError>?) -> String? {
        guard let taken = error else { return nil }
        defer {
            g_error_free(taken)
            error = nil
        }
        return taken.pointee.message.map { String(cString: $0) }
    }

    private static func package(of element: String) -> String {
        switch element {
        case "filesrc", "capsfilter", "fakesink", "clocksync": "libgstreamer1.0-0"
        case "parsebin", "appsink", "appsrc": "gstreamer1.0-plugins-base"
        case "x264enc": "gstreamer1.0-plugins-ugly"
        case "mpegvideoparse", "mpeg4videoparse", "h264parse", "h265parse", "jpegparse", "vp9parse", "av1parse":
            "gstreamer1.0-plugins-bad"
        default: "gstreamer1.0-plugins-good"
        }
    }
}
