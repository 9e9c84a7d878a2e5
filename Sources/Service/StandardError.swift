internal import Capture
internal import Foundation
internal import Logging

/// Writes a line to standard error, without secrets.
public func printError(_ text: String) {
    writeError(Secrets.masked(text) + "\n")
}

/// Writes text to standard error as it is.
func writeError(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
}

extension Logger {
    /// A logger to standard error.
    static func toStandardError(_ label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
