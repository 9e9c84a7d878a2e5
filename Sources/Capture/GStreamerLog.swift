internal import CGStreamer
internal import Glibc

/// What GStreamer and GLib log (`GST_DEBUG`, `G_MESSAGES_DEBUG`), with secrets masked: at its higher levels GStreamer's log
/// has whole RTSP messages. Nothing is called while nothing is logged.
enum GStreamerLog {
    /// Takes the place of both libraries' own output. Once a process, before `gst_init`.
    static func install() {
        // Removed before gst_init it is not added there.
        cgst_remove_default_log()
        gst_debug_add_log_function(
            { category, level, file, function, line, object, message, _ in
                let text = gst_debug_log_get_line(category, level, file, function, line, object, message)
                GStreamerLog.write(GStreamerLog.taken(text), to: GStreamerLog.output)
            }, nil, nil)
        g_log_set_writer_func(
            { level, fields, count, _ in
                if g_log_writer_default_would_drop(level, GStreamerLog.domain(fields, count)) == 0 {
                    let text = GStreamerLog.taken(g_log_writer_format_fields(level, fields, count, 0))
                    GStreamerLog.write(text + "\n", to: STDERR_FILENO)
                }
                return G_LOG_WRITER_HANDLED
            }, nil, nil)
    }

    /// What `GST_DEBUG_FILE` names: a file (`%p` stands for the process id), `-` for standard output; else standard error.
    private static let output: Int32 = {
        guard let name = getenv("GST_DEBUG_FILE").map({ String(cString: $0) }), !name.isEmpty else {
            return STDERR_FILENO
        }
        if name == "-" { return STDOUT_FILENO }
        // GStreamer has just made it, empty.
        let file = open(name.replacing("%p", with: "\(getpid())"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        return file >= 0 ? file : STDERR_FILENO
    }()

    private static func domain(_ fields: UnsafePointer<GLogField>?, _ count: gsize) -> UnsafePointer<CChar>? {
        UnsafeBufferPointer(start: fields, count: Int(count)).first { strcmp($0.key, "GLIB_DOMAIN") == 0 }?.value?
            .assumingMemoryBound(to: CChar.self)
    }

    /// The text; frees it.
    private static func taken(_ text: UnsafeMutablePointer<gchar>?) -> String {
        defer { g_free(text) }
        return text.map { String(cString: $0) } ?? ""
    }

    /// Writes the text, masked.
    private static func write(_ text: String, to descriptor: Int32) {
        var masked = Secrets.masked(text)
        masked.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }
}
