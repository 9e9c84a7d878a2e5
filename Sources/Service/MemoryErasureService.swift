internal import Logging
internal import ServiceLifecycle

/// Does what `videowire forget` asks for, within a second, also for streams of which nothing new comes.
struct MemoryErasureService: Service {
    let memories: MemoryKeeper
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var hasFailed = false
            while !Task.isCancelled {
                let error = await onOwnThread("vw-forget") { () -> MemoryStoreError? in
                    do throws(MemoryStoreError) {
                        try memories.eraseWhatWasAskedFor()
                        return nil
                    } catch {
                        return error
                    }
                }
                if let error, !hasFailed { logger.error("what is to be forgotten waits: \(error)") }
                hasFailed = error != nil
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
