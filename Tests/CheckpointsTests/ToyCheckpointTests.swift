import Checkpoints
import MediaTesting
import Models
import Tensors
import Testing

/// The toy checkpoint, as safetensors and as shards of torch.save.
@Suite(.enabled(if: SharedFolder.has("fixtures/video-lavit-tiny"), "no shared/fixtures/video-lavit-tiny"))
struct ToyCheckpointTests {
    private static let folders = ["checkpoint", "checkpoint-bin"].map {
        SharedFolder.path("fixtures/video-lavit-tiny/\($0)")
    }

    @Test(arguments: folders) func itGivesTheModelsAllTheyAskFor(folder: String) throws {
        let checkpoint = try Checkpoint(opening: folder)
        #expect(checkpoint.layout == .understanding)
        try checkpoint.check(VideoLaVIT.parameters(of: checkpoint.configuration))
        let source = CheckpointSource(checkpoint)
        _ = VideoLaVIT(source, checkpoint.configuration, withMotionDecoder: true, precision: .float32)
        try source.finish()
    }
}
