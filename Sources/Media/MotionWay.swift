/// Where the motion vectors of a stream come from; docs/motion.md.
public enum MotionWay: String, Sendable, Hashable, CaseIterable {
    /// The stream's own vectors.
    case codec
    /// Vectors of videowire's own MPEG-4 encoding of the decoded pictures.
    case reencode
}
