internal import CGStreamer

extension Pipeline {
    /// Whether a thread of some element still moves data. One that waits because nobody takes its data does.
    ///
    /// False between an end that was reached and an end that was told; false for good where GStreamer's parsebin has lost the
    /// error of a demuxer, as it does when the error comes while it still sets the demuxer up (GStreamer 1.22).
    var isStreaming: Bool {
        guard let bin = cgst_as_bin(element), let elements = gst_bin_iterate_recurse(bin) else { return false }
        defer { gst_iterator_free(elements) }
        var isStreaming = false
        let result = withUnsafeMutablePointer(to: &isStreaming) { flag in
            gst_iterator_foreach(
                elements,
                { value, flag in
                    guard let value, let element = g_value_get_object(value) else { return }
                    gst_element_foreach_pad(
                        element.assumingMemoryBound(to: GstElement.self),
                        { _, pad, flag in
                            if let pad, gst_pad_get_task_state(pad) == GST_TASK_STARTED {
                                flag?.assumingMemoryBound(to: Bool.self).pointee = true
                            }
                            return 1
                        }, flag)
                }, flag)
        }
        // Elements come and go: ask again later.
        return isStreaming || result != GST_ITERATOR_DONE
    }

    /// Calls `body` once when nothing moves any more, or things move without a result (`isSilent`). It holds nothing that is gone.
    func onStandstill(orSilence isSilent: @escaping @Sendable () -> Bool, _ body: @escaping @Sendable () -> Void) {
        Task.detached { [weak self] in
            var stills = 0
            while stills < 2, !isSilent() {
                try? await Task.sleep(for: .milliseconds(250))
                guard let self else { return }
                stills = self.isStreaming ? 0 : stills + 1
            }
            body()
        }
    }
}
