internal import CGStreamer
internal import Synchronization

/// Connects a source whose pads appear while it opens to the tap: its first video stream, through that codec's
/// parser.
final class StreamLinker: @unchecked Sendable {  // `pipeline` is not owned: it owns the source, which owns this
    private let pipeline: UnsafeMutablePointer<GstBin>
    private let isLinked = Mutex(false)
    private let selected = Mutex<guint?>(nil)
    private let name: String
    private let onFailure: @Sendable (SourceError) -> Void
    private let onOtherStream: @Sendable (Int64) -> Void

    private init(
        pipeline: UnsafeMutablePointer<GstBin>, name: String, onFailure: @escaping @Sendable (SourceError) -> Void,
        onOtherStream: @escaping @Sendable (Int64) -> Void
    ) {
        self.pipeline = pipeline
        self.name = name
        self.onFailure = onFailure
        self.onOtherStream = onOtherStream
    }

    /// Watches `source`, an element of `pipeline`; `name` is what errors call it. `onFailure` is told when it has no
    /// stream to link, `onOtherStream` the stream time in nanoseconds at which a stream begins that is thrown away.
    static func attach(
        to source: UnsafeMutablePointer<GstElement>, in pipeline: UnsafeMutablePointer<GstElement>,
        name: String, onFailure: @escaping @Sendable (SourceError) -> Void,
        onOtherStream: @escaping @Sendable (Int64) -> Void
    ) {
        guard let bin = cgst_as_bin(pipeline) else { return }
        let linker = StreamLinker(pipeline: bin, name: name, onFailure: onFailure, onOtherStream: onOtherStream)
        var context: UnsafeMutableRawPointer { Unmanaged.passRetained(linker).toOpaque() }
        let release: @convention(c) (gpointer?) -> Void = {
            if let it = $0 { Unmanaged<StreamLinker>.fromOpaque(it).release() }
        }
        cgst_on_pad_added(
            source,
            { _, pad, context in
                guard let pad, let context else { return }
                Unmanaged<StreamLinker>.fromOpaque(context).takeUnretainedValue().padAdded(pad)
            }, context, release)
        cgst_on_no_more_pads(
            source,
            { _, context in
                guard let context else { return }
                Unmanaged<StreamLinker>.fromOpaque(context).takeUnretainedValue().noMorePads()
            }, context, release)
        if cgst_has_signal(source, "autoplug-continue") != 0 {
            cgst_on_autoplug_continue(source, { _, _, caps, _ in VideoRoute.isParsedMPEG4(caps) ? 0 : 1 }, nil, nil)
        }
        guard cgst_has_signal(source, "select-stream") != 0 else { return }
        cgst_on_select_stream(
            source,
            { _, stream, caps, context in
                guard let caps, let context else { return 1 }
                return Unmanaged<StreamLinker>.fromOpaque(context).takeUnretainedValue().select(stream, caps) ? 1 : 0
            }, context, release)
    }

    /// Whether an RTSP stream is to be set up: the first video only. Asked anew when the source tries another
    /// transport.
    private func select(_ stream: guint, _ caps: UnsafeMutablePointer<GstCaps>) -> Bool {
        guard VideoRoute(caps) != nil else { return false }
        return selected.withLock { selected in
            selected = selected ?? stream
            return selected == stream
        }
    }

    private func padAdded(_ pad: UnsafeMutablePointer<GstPad>) {
        guard let caps = gst_pad_get_current_caps(pad) ?? gst_pad_query_caps(pad, nil) else { return }
        defer { gst_caps_unref(caps) }
        let isFirst = isLinked.withLock { !$0 }
        guard isFirst, let route = VideoRoute(caps) else { return discard(pad) }
        do throws(SourceError) {
            try GStreamer.require(route.elements)
            try link(pad, through: route.chain)
            isLinked.withLock { $0 = true }
        } catch {
            onFailure(error)
        }
    }

    private func noMorePads() {
        guard !isLinked.withLock({ $0 }) else { return }
        onFailure(SourceError(.noVideoStream, "\(name) has no video stream in a codec that videowire knows."))
    }

    private func link(_ pad: UnsafeMutablePointer<GstPad>, through chain: String) throws(SourceError) {
        var error: UnsafeMutablePointer<GError>?
        guard let parsed = gst_parse_bin_from_description(chain, 1, &error) else {
            let why = GStreamer.takeMessage(of: &error) ?? "unknown reason"
            throw SourceError(.badPipeline, "Cannot make \"\(chain)\": \(why).")
        }
        guard let tap = gst_bin_get_by_name(pipeline, "tap") else {
            gst_object_unref(parsed)
            throw SourceError(.badPipeline, "the pipeline has no element named tap")
        }
        defer { gst_object_unref(tap) }
        gst_bin_add(pipeline, parsed)
        guard gst_element_link(parsed, tap) != 0, Self.link(pad, to: parsed) else {
            throw SourceError(.badPipeline, "cannot link the source through \"\(chain)\" to the tap")
        }
        gst_element_sync_state_with_parent(parsed)
    }

    /// Lets a stream run into the ground, so that the others are not held up. Its end tells, where nothing else
    /// does, that there was no video.
    private func discard(_ pad: UnsafeMutablePointer<GstPad>) {
        guard let sink = gst_element_factory_make("fakesink", nil) else { return }
        cgst_set_bool(sink, "sync", 0)
        cgst_set_bool(sink, "async", 0)
        gst_bin_add(pipeline, sink)
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
            { _, info, context in
                if let context, let event = gst_pad_probe_info_get_event(info), event.pointee.type == GST_EVENT_EOS {
                    Unmanaged<StreamLinker>.fromOpaque(context).takeUnretainedValue().noMorePads()
                }
                return GST_PAD_PROBE_OK
            }, Unmanaged.passRetained(self).toOpaque(),
            { context in if let context { Unmanaged<StreamLinker>.fromOpaque(context).release() } })
        gst_pad_add_probe(
            pad, GST_PAD_PROBE_TYPE_BUFFER,
            { pad, info, context in
                guard let pad, let context, let time = gst_pad_probe_info_get_buffer(info)?.streamTime(on: pad)
                else { return GST_PAD_PROBE_OK }
                Unmanaged<StreamLinker>.fromOpaque(context).takeUnretainedValue().onOtherStream(time)
                return GST_PAD_PROBE_REMOVE
            }, Unmanaged.passRetained(self).toOpaque(),
            { context in if let context { Unmanaged<StreamLinker>.fromOpaque(context).release() } })
        _ = Self.link(pad, to: sink)
        gst_element_sync_state_with_parent(sink)
    }

    private static func link(_ pad: UnsafeMutablePointer<GstPad>, to element: UnsafeMutablePointer<GstElement>) -> Bool
    {
        guard let sink = gst_element_get_static_pad(element, "sink") else { return false }
        defer { gst_object_unref(sink) }
        return gst_pad_link(pad, sink) == GST_PAD_LINK_OK
    }
}

extension UnsafeMutablePointer<GstBuffer> {
    /// Nanoseconds; nil where it has no time stamp, or lies before what its stream shows.
    fileprivate func streamTime(on pad: UnsafeMutablePointer<GstPad>) -> Int64? {
        guard pointee.pts != cgst_clock_none, let event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0) else {
            return nil
        }
        defer { gst_event_unref(event) }
        var segment: UnsafePointer<GstSegment>?
        gst_event_parse_segment(event, &segment)
        let time = gst_segment_to_stream_time(segment, GST_FORMAT_TIME, pointee.pts)
        return time == cgst_clock_none ? nil : Int64(clamping: time)
    }
}
