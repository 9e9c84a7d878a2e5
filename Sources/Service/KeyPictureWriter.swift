internal import Capture
internal import Dispatch
internal import Media

/// Keeps the key pictures of a stream's clips, on a queue of its own: a slow or a full disk holds up no camera.
final class KeyPictureWriter: Sendable {
    /// Pictures that may wait for the disk.
    private static let capacity = 4

    private struct State {
        var ledger: KeyPictureLedger?
        var waiting = 0
        var hasFailed = false
        var hasDropped = false
    }

    private let stream: String
    private let folder: KeyPictureFolder
    private let isLive: Bool
    private let state = Monitor(State())
    private let queue: DispatchQueue

    /// - Parameter isLive: pictures are left out while the disk does not keep up; a file is held back instead.
    init(stream: String, folder: KeyPictureFolder, isLive: Bool) {
        self.stream = stream
        self.folder = folder
        self.isLive = isLive
        queue = DispatchQueue(label: "videowire.keyframes.\(stream)")
    }

    /// Keeps a clip's key picture, soon. What cannot be written is told once, and again after it could.
    func keep(_ clip: Clip) {
        guard takePlace() else { return }
        let (picture, session, index) = (clip.key.picture, clip.session, clip.index)
        queue.async { [self] in
            write(picture, session, index)
            state.withLock { $0.waiting -= 1 }
        }
    }

    /// Waits until everything is written.
    func finish() {
        queue.sync {}
    }

    private func takePlace() -> Bool {
        func take(_ state: inout State) -> Bool {
            guard state.waiting < Self.capacity else { return false }
            state.waiting += 1
            return true
        }
        guard isLive else {
            state.wait { take(&$0) ? () : nil }
            return true
        }
        let (isTaken, isFirst) = state.withLock { state in
            let isTaken = take(&state)
            defer { state.hasDropped = !isTaken }
            return (isTaken, !isTaken && !state.hasDropped)
        }
        if isFirst {
            printError(
                "videowire: stream \(stream): a key picture is not kept: \(folder.path) takes them too slowly; use a faster disk"
            )
        }
        return isTaken
    }

    private func write(_ picture: Picture, _ session: Int, _ index: Int) {
        do {
            var ledger = try state.withLock(\.ledger) ?? open()
            ledger.add(try folder.write(picture, stream: stream, session: session, clip: index))
            for entry in ledger.surplus(now: KeyPictureFolder.now) { folder.remove(entry, of: stream) }
            state.withLock { state in
                state.ledger = ledger
                state.hasFailed = false
            }
        } catch {
            let isFirst = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            guard isFirst else { return }
            printError(
                "videowire: stream \(stream): key pictures are not kept: \(error). Free space, or make the folder writable; all else goes on"
            )
        }
    }

    private func open() throws -> KeyPictureLedger {
        try folder.prepare(stream)
        return KeyPictureLedger(limits: folder.limits, entries: folder.entries(of: stream))
    }
}
