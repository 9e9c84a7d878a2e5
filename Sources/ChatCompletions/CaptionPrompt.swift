/// What a captioner tells a model of a moment of a stream, in the order that works with frozen models: the previous caption with its
/// time, each picture behind its time, what moved, in words, and the question.
package struct CaptionPrompt: Sendable {
    /// `context` is who looks where, e.g. "back door, faces the yard".
    package static func system(context: String? = nil, language: String? = nil) -> String {
        var sentences = ["You caption a fixed camera. One sentence."]
        if let context, !context.isEmpty { sentences.append("The camera: \(context).") }
        if let language, !language.isEmpty { sentences.append("Answer in the language \(language).") }
        sentences.append("If nothing new, answer \(SilenceMarker.text).")
        return sentences.joined(separator: " ")
    }

    package var system: String
    package var previous: (text: String, seconds: Double)?
    /// Oldest first; the last one is the picture that is asked about.
    package var frames: [ChatFrame]
    /// What the frames are part of; nil: there is none.
    package var video: ChatVideo?
    /// A short sentence in words, e.g. "An object enters from the left and quickly moves right."
    package var motion: String?
    package var question: String

    package init(
        system: String = CaptionPrompt.system(), previous: (text: String, seconds: Double)? = nil, frames: [ChatFrame],
        video: ChatVideo? = nil, motion: String? = nil, question: String = "What happens now?"
    ) {
        (self.system, self.previous, self.frames, self.video) = (system, previous, frames, video)
        (self.motion, self.question) = (motion, question)
    }

    package var request: ChatRequest {
        var parts: [ChatRequest.Part] = []
        if let previous {
            parts.append(.text("Previous caption (\(ChatFrame.tenths(previous.seconds)) s): \(previous.text)"))
        }
        if let video { parts.append(.video(video)) }
        parts += frames.map { .frame($0) }
        parts.append(
            .text((motion.map { "Motion since then: \($0)\($0.hasSuffix(".") ? "" : ".") " } ?? "") + question))
        return ChatRequest(system: system, parts: parts)
    }
}
