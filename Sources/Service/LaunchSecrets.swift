internal import Capture
internal import Foundation

/// Secrets that the process was started with. Other processes can read its arguments and its environment, and its children
/// inherit the latter, so both are blanked before anything else is done.
public enum LaunchSecrets {
    /// The environment as the process got it. The first look takes what holds secrets out of the process's own environment,
    /// also as `/proc/PID/environ` shows it; it must come before a second thread runs.
    public static let environment: [String: String] = {
        let environment = ProcessInfo.processInfo.environment
        for name in environment.keys where isSecret(name) {
            if let value = getenv(name) { memset(value, 0, strlen(value)) }
            unsetenv(name)
        }
        // Would have GStreamer write the properties of every element into files, passwords among them.
        unsetenv("GST_DEBUG_DUMP_DOT_DIR")
        return environment
    }()

    /// Blanks the environment, and in the arguments, as `ps` and `/proc/PID/cmdline` show them, all of an address but scheme,
    /// host and path. Call it first thing; `CommandLine.arguments` keeps what was written.
    public static func hide() {
        _ = environment
        var hasPassword = false
        for (index, argument) in CommandLine.arguments.enumerated().dropFirst() {
            guard let (shown, hidden) = SourceLocation.hiding(argument), let memory = CommandLine.unsafeArgv[index]
            else { continue }
            // A user alone is a token, unless the password comes from elsewhere.
            let isToken = hidden == .user && environment["VIDEOWIRE_PASSWORD"] == nil
            hasPassword = hasPassword || hidden == .password || isToken
            let length = strlen(memory)
            memset(memory, Int32(UInt8(ascii: " ")), length)
            for (offset, byte) in shown.utf8.prefix(while: { $0 < 0x80 }).prefix(length).enumerated() {
                memory[offset] = CChar(bitPattern: byte)
            }
        }
        if hasPassword {
            printError(
                "videowire: a password on the command line was in the process list for a moment, and may be in your shell's "
                    + "history. Better: --credentials FILE, or VIDEOWIRE_USER and VIDEOWIRE_PASSWORD.")
        }
    }

    /// `VIDEOWIRE_USER`, `VIDEOWIRE_PASSWORD`, `VIDEOWIRE_STREAMS_…_SOURCE`.
    private static func isSecret(_ name: String) -> Bool {
        name == "VIDEOWIRE_USER" || name == "VIDEOWIRE_PASSWORD"
            || (name.hasPrefix("VIDEOWIRE_STREAMS_") && name.hasSuffix("_SOURCE"))
    }
}
