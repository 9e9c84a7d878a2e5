/// What the server has taught, each told once.
package enum ChatNotice: Sendable, Hashable, CustomStringConvertible {
    /// From now on requests have at most so many pictures, none with a longer side.
    case smaller(pictures: Int, longSide: Int)
    /// The model takes text only; from now on it gets no pictures.
    case withoutPictures
    case withoutVideo
    /// There is no room for one; from now on requests have pictures only.
    case noRoomForVideo
    /// From now on requests lack this field.
    case without(OptionalField)
    /// The answer broke off; it was asked for once more, with the newest pictures.
    case askedAgain

    package var description: String {
        switch self {
        case .smaller(let pictures, let longSide):
            "the server had no room for the request: from now on at most \(pictures) pictures of \(longSide) pixels"
        case .withoutPictures:
            "the model takes no pictures: it is told in words only. Name a vision-language model, or load its projector (mmproj)"
        case .withoutVideo:
            "the server takes no video parts: it gets pictures only. Take captioner.video out of the configuration"
        case .noRoomForVideo:
            "the server had no room for a video part: it gets pictures only. A longer context, or a smaller captioner.side, helps"
        case .without(.maximumTokens): "the server does not know max_tokens: it gets max_completion_tokens"
        case .without(let field): "the server does not know \(field.rawValue): it is left out"
        case .askedAgain: "the answer broke off: asked again with the newest pictures"
        }
    }
}
