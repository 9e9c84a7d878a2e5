internal import Capture

extension SourceLocation {
    /// A source as a command line names it.
    ///
    /// - Parameters:
    ///   - credentials: a file of credentials; `-` for standard input. It wins over the environment.
    ///   - environment: `VIDEOWIRE_USER` and `VIDEOWIRE_PASSWORD` are what the URL of a camera leaves out. An empty one
    ///     counts as none.
    /// - Throws: `SourceError`, `CredentialsError`.
    init(
        parsing text: String, credentials: String?, environment: [String: String] = LaunchSecrets.environment
    ) throws {
        let source = try SourceLocation(parsing: text)
        if let credentials {
            self = try source.with(try Credentials(path: credentials, mayWait: true))
            return
        }
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let (user, password) = (variable("VIDEOWIRE_USER"), variable("VIDEOWIRE_PASSWORD"))
        if case .rtsp(let address) = source, address.password == nil, user != nil || password != nil {
            self = .rtsp(address.with(user: address.user ?? user ?? "", password: password ?? ""))
        } else {
            self = source
        }
        Secrets.keep(of: self)
    }
}
