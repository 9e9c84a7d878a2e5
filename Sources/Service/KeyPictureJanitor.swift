internal import ServiceLifecycle

/// Removes kept key pictures that are too old, also those of streams of which nothing new comes.
struct KeyPictureJanitor: Service {
    let folder: KeyPictureFolder

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await onOwnThread("vw-keyframes") { folder.trim() }
                try? await Task.sleep(for: .seconds(3_600))
            }
        }
    }
}
