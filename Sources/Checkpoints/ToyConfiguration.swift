package import Models

extension VideoLaVITConfiguration {
    /// The sizes of the toy checkpoints that tests use.
    package static var toy: VideoLaVITConfiguration {
        var toy = VideoLaVITConfiguration()
        (toy.visual.width, toy.visual.heads, toy.visual.mlpHidden) = (32, 4, 139)
        (toy.visual.encoderLayers, toy.visual.mergerLayers) = (2, 2)
        (toy.visual.codes, toy.visual.codeSize) = (64, 8)
        (toy.motion.width, toy.motion.heads) = (32, 4)
        (toy.motion.codes, toy.motion.codeSize) = (32, 8)
        (toy.textVocabulary, toy.languageWidth) = (320, 48)
        return toy
    }
}
