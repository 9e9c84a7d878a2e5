package import Capture
internal import Glibc

extension Settings {
    /// Where a stream's video comes from, with its credentials, which are read anew each time. They are secrets from then on
    /// (`Secrets`).
    /// - Throws: `SettingsError`, without the address, where the address or the credentials cannot be used.
    package func location(of stream: Stream) throws -> SourceLocation {
        do {
            let source = try SourceLocation(parsing: stream.source)
            guard let name = stream.credentials else {
                Secrets.keep(of: source)
                return source
            }
            return try source.with(try Credentials(path: try path(ofCredentials: name), mayWait: false))
        } catch let error as SourceError {
            throw SettingsError("\(file): streams.\(stream.name).source: \(error)")
        } catch {
            throw SettingsError("\(file): streams.\(stream.name).credentials: \(error)")
        }
    }

    /// What to tell whoever starts the daemon: that everybody may read the passwords in the configuration. Nil where that is
    /// not so.
    package var warning: String? {
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IROTH != 0 else { return nil }
        let names = streams.filter { stream in
            guard case .rtsp(let address) = try? SourceLocation(parsing: stream.source) else { return false }
            return address.holdsCredentials
        }.map(\.name)
        guard !names.isEmpty else { return nil }
        return
            "\(file): everybody may read this file, and URLs in it hold passwords (\(names.joined(separator: ", "))). "
            + "Write: chmod 640 \(file); or move them to files (credentials:)"
    }

    /// A bare name is a systemd credential where the service has any; everything else is a file's path, from the
    /// configuration's folder on.
    func path(ofCredentials name: String) throws(CredentialsError) -> String {
        if name.hasPrefix("/") { return name }
        if !name.contains("/"), let directory = credentialsDirectory {
            let path = "\(directory)/\(name)"
            guard access(path, F_OK) == 0 else {
                throw CredentialsError(
                    description:
                        "the service has no systemd credential \(name). Add LoadCredential=\(name):/its/file to the "
                        + "unit, or write ./\(name) for a file beside the configuration")
            }
            return path
        }
        guard let slash = file.lastIndex(of: "/") else { return name }
        return "\(file[...slash])\(name)"
    }
}

extension SourceLocation {
    /// With these credentials, which are secrets from now on.
    /// - Throws: where it takes none, or has its own.
    func with(_ credentials: Credentials) throws(CredentialsError) -> SourceLocation {
        let source = SourceLocation.rtsp(
            try addressWithoutLogin().with(user: credentials.user, password: credentials.password))
        Secrets.keep(of: source)
        return source
    }

    /// - Throws: where it takes no credentials, or has its own.
    func addressWithoutLogin() throws(CredentialsError) -> RTSPAddress {
        guard case .rtsp(let address) = self else {
            throw CredentialsError(description: "only an rtsp:// source takes credentials. Give none for others.")
        }
        guard address.user == nil else {
            throw CredentialsError(
                description: "the URL has a user already. Take it out of the URL, or give no credentials beside it.")
        }
        return address
    }
}
