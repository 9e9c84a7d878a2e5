internal import Glibc

/// Runs `body` on a thread of its own. For calls into GStreamer that may block for long.
func detachThread(_ body: @escaping @Sendable () -> Void) {
    final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let context = Unmanaged.passRetained(Start(body)).toOpaque()
    var thread = pthread_t()
    let status = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, context)
    // Without threads left the work is done here: late is better than never.
    guard status == 0 else { return Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
    pthread_detach(thread)
}

/// Blocks the calling thread.
func sleepThread(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    nanosleep(&time, nil)
}
