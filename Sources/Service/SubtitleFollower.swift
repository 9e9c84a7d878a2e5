internal import Events
internal import ServiceLifecycle

/// Hands one stream's captions from a daemon's socket to a writer, for as long as it is asked to.
struct SubtitleFollower: Service {
    let client: EventClient
    let stream: String
    let writer: SubtitleWriter

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await follow()
            } catch is CancellationError {}
        }
    }

    private func follow() async throws {
        let subscription = SubscribeRequest(streams: [stream], types: [EventName.captionFinal.rawValue], start: .live)
        while !Task.isCancelled {
            do {
                try await client.withConnection { connection in
                    try await connection.subscribe(subscription)
                    while let line = try await connection.next() {
                        guard let event = JSONValue(line), event["type"]?.string == EventName.captionFinal.type,
                            let data = event["data"]
                        else { continue }
                        writer.take(data)
                    }
                }
                printError("videowire: the daemon has gone; connecting again")
            } catch let error as EventSocketError {
                printError("videowire: \(error); trying again")
            }
            try await Task.sleep(for: .seconds(1))
        }
    }
}
