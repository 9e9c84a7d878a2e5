internal import Checkpoints
internal import Models
internal import Tensors

extension ModelCommands {
    /// What `videowire model synth` writes, in the words of its options.
    public struct Synthesis: Sendable {
        public enum Size: String, Sendable, CaseIterable { case full, toy }
        public enum Layout: String, Sendable, CaseIterable { case sft, generation }
        public enum Format: String, Sendable, CaseIterable { case bin, safetensors }
        public enum Numbers: String, Sendable, CaseIterable { case bf16, fp16, fp32 }

        private let size: Size
        private let layout: Layout
        private let format: Format
        private let seed: UInt64
        private let numbers: Numbers
        private let shards: Int

        public init(size: Size, layout: Layout, format: Format, seed: UInt64, numbers: Numbers, shards: Int) {
            self.size = size
            self.layout = layout
            self.format = format
            self.seed = seed
            self.numbers = numbers
            self.shards = shards
        }

        var checkpoint: SyntheticCheckpoint {
            var checkpoint = SyntheticCheckpoint()
            checkpoint.configuration = size == .toy ? .toy : VideoLaVITConfiguration()
            checkpoint.layout = layout == .sft ? .understanding : .generation
            checkpoint.format = format == .bin ? .bin : .safetensors
            checkpoint.type =
                switch numbers {
                case .bf16: .bfloat16
                case .fp16: .float16
                case .fp32: .float32
                }
            checkpoint.seed = seed
            checkpoint.shards = shards
            return checkpoint
        }
    }
}
