internal import ChatCompletions
internal import Logging
internal import Systemd

/// The chat-completions server of a process, which all streams share.
package struct CaptionServer: Sendable {
    let client: ChatClient
    let settings: CaptionerSettings

    /// Connects to it and finds out whether it can caption.
    ///
    /// - Parameters:
    ///   - key: the text of the key's file.
    ///   - mayBeAway: a server that cannot be reached, or is busy, is no error: it is asked again when there is something to tell.
    /// - Throws: `ChatFailure` for a server that cannot be used: no such model, wrong key, a model that takes no pictures.
    static func open(
        _ settings: CaptionerSettings, key: String?, mayBeAway: Bool, logger: Logger
    ) async throws -> Self {
        let client = try ChatClient(server: try settings.server(key: key), logger: logger)
        do {
            let found = try await client.probe()
            logger.notice("captions are written by \(found.model) at \(settings.url)")
            return Self(client: client, settings: settings)
        } catch let failure as ChatFailure where mayBeAway && !failure.isPermanent {
            logger.warning("no captions for the time being: \(failure)")
            return Self(client: client, settings: settings)
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

extension CaptionServer {
    /// The one of a daemon's configuration; nil where there is none.
    /// - Throws: `SettingsError`, `ChatFailure`.
    static func open(for settings: Settings, manager: ServiceManager, logger: Logger) async throws -> Self? {
        guard let captioner = settings.captioner else { return nil }
        manager.tell(.status("asking the caption server at \(captioner.url)"))
        return try await open(captioner, key: try settings.captionerKey(), mayBeAway: true, logger: logger)
    }
}

extension CaptionServer {
    /// The one that a command line names, which must be there; nil where it names none.
    /// - Throws: `CredentialsError`, `ChatFailure`.
    static func open(_ settings: CaptionerSettings?) async throws -> Self? {
        guard let settings else { return nil }
        let key = try settings.key.map { path throws(CredentialsError) in
            try SecretFile.line(path: path, mayWait: true)
        }
        return try await open(settings, key: key, mayBeAway: false, logger: .warnings)
    }

    func close() async { await client.shutdown() }
}

extension Logger {
    /// Of commands: what goes wrong without ending them.
    static let warnings = Logger.toStandardError("videowire", level: .warning)
}

extension Settings {
    fileprivate func captionerKey() throws -> String? {
        do {
            return try captioner?.key.map { name throws(CredentialsError) in
                try SecretFile.line(path: try path(ofCredentials: name), mayWait: false)
            }
        } catch {
            throw SettingsError("\(file): captioner.key: \(error)")
        }
    }
}

extension CaptionerSettings {
    func server(key: String?) throws(ChatFailure) -> ChatServer {
        var server = ChatServer(
            address: try ChatAddress(url), model: model,
            key: try key.map { text throws(ChatFailure) in try APIKey(text) })
        server.limits.pictures = Self.frameLimits.upperBound
        server.limits.longSide = side
        server.video = video
        server.budget = ChatBudget(
            concurrency: concurrency, callsPerMinute: callsPerMinute, tokensPerMinute: tokensPerMinute)
        server.maximumTokens = maximumTokens
        if let extra {
            guard case .object(let members)? = JSONField(Array(extra.utf8)) else {
                throw ChatFailure(
                    .badSetting, "captioner.extra is no JSON object. Write it as one, such as {\"top_p\": 0.9}.",
                    isPermanent: true)
            }
            server.extra = members
        }
        try server.validate()
        return server
    }
}
