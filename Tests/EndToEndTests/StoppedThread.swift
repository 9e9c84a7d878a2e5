import Foundation

/// A thread of another process that stands still as if it hung, until `release`; the process's other threads go on (ptrace(2)).
struct StoppedThread {
    struct NotStopped: Error {
        var reason: String
    }

    private let tracer: Program

    /// - Parameter name: how the thread's name begins.
    init(name: String, of pid: Int32) async throws {
        let folder = "/proc/\(pid)/task"
        let threads = try FileManager.default.contentsOfDirectory(atPath: folder)
        let found = threads.filter { thread in
            (try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8))?.hasPrefix(name) == true
        }
        guard let thread = found.first else { throw NotStopped(reason: "no thread is named \(name)") }
        tracer = try Program("python3", ["-c", Self.script, thread])
        guard await tracer.wait(until: { $0 == ["stopped"] }) else {
            throw NotStopped(reason: await tracer.finish(upTo: .zero).errors)
        }
    }

    /// The kernel lets a thread go on whose tracer has ended.
    func release() async {
        tracer.signal(SIGKILL)
        _ = await tracer.finish()
    }

    private static let script = """
        import ctypes, os, sys, time
        seize, interrupt, wait_for_any = 0x4206, 0x4207, 0x40000000
        thread = int(sys.argv[1])
        ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        ptrace.restype = ctypes.c_long
        for request in (seize, interrupt):
            if ptrace(request, thread, None, None):
                sys.exit(os.strerror(ctypes.get_errno()))
        os.waitpid(thread, wait_for_any)
        print("stopped", flush=True)
        time.sleep(60)
        """
}
