/// The playlist that ties a video's media playlist to its captions (RFC 8216 §4.3.4).
package struct MasterPlaylist: Sendable {
    /// URI of the video's media playlist.
    package var video: String
    /// URI of the captions' media playlist.
    package var captions: String
    /// BCP 47.
    package var language: String
    /// What players list the captions as.
    package var title: String
    /// An upper bound of the video's bits a second. With one variant players do not choose by it.
    package var bandwidth = 20_000_000

    package init(video: String, captions: String, language: String, title: String) {
        self.video = video
        self.captions = captions
        self.language = language
        self.title = title
    }

    package var text: String {
        """
        #EXTM3U
        #EXT-X-VERSION:3
        #EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME=\(Self.quoted(title)),LANGUAGE=\(Self.quoted(language)),\
        DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI=\(Self.quoted(captions))
        #EXT-X-STREAM-INF:BANDWIDTH=\(bandwidth),SUBTITLES="captions"
        \(Self.line(video))

        """
    }

    /// RFC 8216 §4.2: a quoted string holds neither quotes nor line breaks; there are no escapes.
    private static func quoted(_ text: String) -> String {
        "\"\(line(text.filter { $0 != "\"" }))\""
    }

    private static func line(_ text: String) -> String {
        String(text.filter { !$0.isNewline })
    }
}
