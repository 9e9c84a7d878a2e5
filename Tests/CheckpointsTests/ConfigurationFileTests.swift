import Checkpoints
import Models
import Testing

@Suite struct ConfigurationFileTests {
    private func read(_ text: String) throws -> VideoLaVITConfiguration {
        try Array(text.utf8).withUnsafeBytes { try VideoLaVITConfiguration(parsing: $0) }
    }

    @Test func theToysSizesAreRead() throws {
        let toy = try Fixture.bytes("config.json").withUnsafeBytes { try VideoLaVITConfiguration(parsing: $0) }
        #expect([toy.visual.imageSize, toy.visual.patchSize, toy.visual.width, toy.visual.heads] == [224, 14, 32, 4])
        #expect([toy.visual.encoderLayers, toy.visual.mergerLayers, toy.visual.mlpHidden] == [2, 2, 139])
        #expect([toy.visual.codes, toy.visual.codeSize, toy.motion.codes, toy.motion.codeSize] == [64, 8, 32, 8])
        #expect(
            [toy.motion.width, toy.motion.heads, toy.motion.frames, toy.motion.rows, toy.motion.columns] == [
                32, 4, 24, 20, 36,
            ])
        #expect(toy.textVocabulary == 320 && toy.languageWidth == 48)
        #expect(toy == .toy)
    }

    /// The hub's configurations name no tokenizer.
    @Test func whatIsNotStatedIsThePublishedSize() throws {
        #expect(try read(#"{"hidden_size":4096,"vocab_size":49412,"rope_scaling":null}"#) == VideoLaVITConfiguration())
    }

    @Test(arguments: [
        (#"{"visual_tokenizer":{"width":-32}}"#, "visual_tokenizer.width is -32, but must be from 4 to 16384"),
        (#"{"visual_tokenizer":{"width":9223372036854775807}}"#, "visual_tokenizer.width is 9223372036854775807"),
        (#"{"visual_tokenizer":{"width":30}}"#, "visual_tokenizer.width is 30, but must be a multiple of 4"),
        (#"{"visual_tokenizer":{"heads":7}}"#, "visual_tokenizer.heads is 7, but must divide width, 1408"),
        (#"{"visual_tokenizer":{"heads":0}}"#, "visual_tokenizer.heads is 0"),
        (#"{"visual_tokenizer":{"patch_size":0}}"#, "visual_tokenizer.patch_size is 0"),
        (#"{"visual_tokenizer":{"patch_size":15}}"#, "must divide image_size, 224"),
        (#"{"visual_tokenizer":{"encoder_layers":1000000}}"#, "visual_tokenizer.encoder_layers is 1000000"),
        (#"{"visual_tokenizer":{"n_code":2000000000}}"#, "visual_tokenizer.n_code is 2000000000"),
        (#"{"motion_tokenizer":{"depth":11}}"#, "motion_tokenizer.depth is 11, but must be 12"),
        (#"{"motion_tokenizer":{"frames":20}}"#, "motion_tokenizer.frames is 20, but must be a multiple of 8"),
        (#"{"motion_tokenizer":{"grid_width":35}}"#, "motion_tokenizer.grid_width is 35, but must be a multiple of 4"),
        (#"{"hidden_size":"wide"}"#, "hidden_size"), (#"{"vocab_size":32000}"#, "vocab_size is 32000, but"),
        ("[]", "it cannot be read"), ("", "it cannot be read"), (#"{"hidden_size":1e99}"#, "it cannot be read"),
    ])
    func whatIsWrongIsNamed(text: String, words: String) throws {
        let error = try #require(throws: FormatError.self) { try read(text) }
        #expect(error.description.contains(words), "\(error)")
    }
}
