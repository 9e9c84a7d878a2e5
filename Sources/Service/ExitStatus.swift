internal import Capture
internal import ChatCompletions
internal import Checkpoints
internal import Codec
internal import Events
internal import Systemd

/// The exit codes of docs/cli.md.
public enum ExitStatus: Int32, Sendable {
    case failure = 1
    case wrongUsage = 64
    case unusableSource = 65
    case noInput = 66
    case unavailable = 69
    case outputFailed = 74
    case wrongConfiguration = 78

    /// The code for an error; nil where the command has done its work all the same (the reader has gone).
    public init?(_ error: any Error) {
        switch error {
        case is SettingsError: self = .wrongConfiguration
        case is StreamPipeline.Unusable, is DecoderError: self = .unusableSource
        case FileOutput.Failure.closed: return nil
        case let error as EventLogError where error.reason == .unreadable || error.reason == .outdated: self = .noInput
        case is FileOutput.Failure, is EventLogError: self = .outputFailed
        case let error as MemoryStoreError: self = error.reason == .missing ? .noInput : .outputFailed
        case is MemoryReport.UnknownStream: self = .noInput
        case EncoderError.output: self = .outputFailed
        case let error as CheckpointError: self.init(error.kind)
        case is LineReader.Failure, is CredentialsError, is UnusableTokenizer, is FrameOutput.NotKept: self = .noInput
        case is TokenPictures.NothingToShow: self = .unusableSource
        case is EventSocketError, is ServiceManager.UnusableSocket: self = .unavailable
        case is Watcher.BadStart, is FrameOutput.BadClip, is SubtitleCommands.WrongRequest, is PastTime.Damage,
            is Searcher.NoWords, is Forgetter.BadSpan:
            self = .wrongUsage
        case let error as Watcher.Refused: self = error.isWrongRequest ? .wrongUsage : .unavailable
        case is Asker.NoAnswer: self = .unavailable
        case let error as ChatFailure: self = error.kind == .badSetting ? .wrongUsage : .unavailable
        case let error as SourceError: self.init(error.kind)
        default: self = .failure
        }
    }

    private init(_ kind: CheckpointError.Kind) {
        switch kind {
        case .unreadable: self = .noInput
        case .unusable: self = .unusableSource
        case .unwritable: self = .outputFailed
        }
    }

    private init(_ kind: SourceError.Kind) {
        switch kind {
        case .badAddress: self = .wrongUsage
        case .notFound: self = .noInput
        case .notVideo, .noVideoStream, .broken: self = .unusableSource
        case .unauthorized, .connection, .badPipeline, .missingElement: self = .failure
        }
    }
}

/// The version of the programs.
public let videowireVersion = "0.1.0"
