internal import Captioning
internal import ChatCompletions
internal import Media
internal import Memory

extension StreamPlan {
    /// What a caption server is told of the stream.
    func briefing(_ settings: CaptionerSettings) -> ServerVoice.Briefing {
        ServerVoice.Briefing(
            system: system, language: description.language, frames: settings.frames,
            hasVideo: settings.video != .none, isMemoryless: memory.merge == .none)
    }

    private var system: String {
        guard let prompt = description.prompt else {
            return CaptionPrompt.system(context: camera, language: language)
        }
        return prompt.text { place in
            switch place {
            case .title: description.title ?? name
            case .context: description.context ?? ""
            case .language: description.language
            case .silence: SilenceMarker.text
            }
        }
    }

    /// What it is told for questions.
    var answering: String {
        let sentences = [
            "You answer questions about a fixed camera from what was seen before and from its newest pictures.",
            camera.map { "The camera: \($0)." }, language.map { "Answer in the language \($0)." },
            "Be brief. If they do not show it, say so.",
        ]
        return sentences.compactMap(\.self).joined(separator: " ")
    }

    private var camera: String? {
        let words = [description.title, description.context].compactMap(\.self).filter { !$0.isEmpty }
        return words.isEmpty ? nil : words.joined(separator: ": ")
    }

    /// Nil: English, as the prompt itself.
    private var language: String? { description.language == "en" ? nil : description.language }
}

extension MemoryBank {
    /// Where an occasion lies in what is remembered, up to the moment at which it is told; nil before there is anything to remember.
    func grounding(of occasion: Occasion) -> Grounding? {
        let trigger = occasion.trigger
        guard let span, let start = position(of: trigger.start, session: occasion.session),
            let end = position(of: trigger.decided, session: occasion.session)
        else { return nil }
        let tokens = TemporalTokens(start: span.start.position, end: end)
        return Grounding(
            seconds: end.seconds - span.start.position.seconds,
            tokens: [tokens.token(for: start), tokens.token(for: end)], resolution: TemporalTokens.last)
    }
}
