import Foundation
import Testing

/// URLs as people paste them, and what has to come of them. Every secret in them has a word that no other text has.
struct AwkwardAddress: CustomTestStringConvertible {
    /// `HOST` stands for the camera's host and port.
    var url: String
    var user: String?
    var password: String?
    /// Nil where the text has to be refused.
    var location: String?
    var shown: String?

    static let words = ["quagga", "walrus", "ocelot", "lemming"]

    var testDescription: String { url }

    func at(_ host: String) -> AwkwardAddress {
        var copy = self
        copy.url = url.replacing("HOST", with: host)
        copy.location = location?.replacing("HOST", with: host)
        copy.shown = shown?.replacing("HOST", with: host)
        return copy
    }

    /// What must not be anywhere: the words, and what HTTP's Basic scheme makes of the login.
    var forbidden: [String] {
        guard user != nil || password != nil else { return Self.words }
        return Self.words + [Data("\(user ?? ""):\(password ?? "")".utf8).base64EncodedString()]
    }

    private static func login(_ url: String, _ user: String, _ password: String?) -> AwkwardAddress {
        AwkwardAddress(url: url, user: user, password: password, location: "rtsp://HOST/cam", shown: "rtsp://HOST/cam")
    }

    private static func query(_ path: String, shown: String) -> AwkwardAddress {
        AwkwardAddress(url: "rtsp://HOST\(path)", location: "rtsp://HOST\(path)", shown: "rtsp://HOST\(shown)…")
    }

    private static func refused(_ url: String) -> AwkwardAddress { AwkwardAddress(url: url) }

    /// Can be read in one way only.
    static let understood: [AwkwardAddress] = [
        login("rtsp://u:quagga@HOST/cam", "u", "quagga"),
        login("rtsp://jane.doe:quagga@HOST/cam", "jane.doe", "quagga"),
        login("rtsp://jane%40doe.org:quagga@HOST/cam", "jane@doe.org", "quagga"),
        login("rtsp://jane@doe.org:quagga@HOST/cam", "jane@doe.org", "quagga"),
        login("rtsp://:quagga@HOST/cam", "", "quagga"),
        login("rtsp://quagga@HOST/cam", "quagga", nil),
        login("rtsp://quagga:@HOST/cam", "quagga", ""),
        login("rtsp://u:quagga@walrus@HOST/cam", "u", "quagga@walrus"),
        login("rtsp://u:quagga@@HOST/cam", "u", "quagga@"),
        login("rtsp://u:quagga:walrus@HOST/cam", "u", "quagga:walrus"),
        login("rtsp://u:quagga#walrus@HOST/cam", "u", "quagga#walrus"),
        login("rtsp://u:quagga/walrus@HOST/cam", "u", "quagga/walrus"),
        login("rtsp://u:quagga?walrus@HOST/cam", "u", "quagga?walrus"),
        login("rtsp://u:#quagga@HOST/cam", "u", "#quagga"),
        login("rtsp://u:?quagga=walrus&a@HOST/cam", "u", "?quagga=walrus&a"),
        login("rtsp://u:quagga//walrus@HOST/cam", "u", "quagga//walrus"),
        login("rtsp://u:quagga@/walrus@HOST/cam", "u", "quagga@/walrus"),
        login("rtsp://u:quagga%40walrus%2Focelot@HOST/cam", "u", "quagga@walrus/ocelot"),
        login("rtsp://u:quagg%61%7Awalrus@HOST/cam", "u", "quaggazwalrus"),
        login("rtsp://u:quagga%3Awalrus%25@HOST/cam", "u", "quagga:walrus%"),
        login("rtsp://u%3Av:quagga@HOST/cam", "u:v", "quagga"),
        login("rtsp://u:100%quagga@HOST/cam", "u", "100%quagga"),
        login("rtsp://u:quagga%@HOST/cam", "u", "quagga%"),
        login("rtsp://u:quagga%2@HOST/cam", "u", "quagga%2"),
        login("rtsp://u:quagga%FF@HOST/cam", "u", "quagga%FF"),
        login("rtsp://u:quagga+1@HOST/cam", "u", "quagga+1"),
        login("rtsp://u:quagga walrus@HOST/cam", "u", "quagga walrus"),
        login("rtsp://u:quagga'walrus@HOST/cam", "u", "quagga'walrus"),
        login("rtsp://u:quagga\"walrus@HOST/cam", "u", "quagga\"walrus"),
        login("rtsp://u:quagga\\walrus@HOST/cam", "u", "quagga\\walrus"),
        login("rtsp://u:$quagga{walrus}`!;|<>@HOST/cam", "u", "$quagga{walrus}`!;|<>"),
        login("rtsp://u:${location}quagga@HOST/cam", "u", "${location}quagga"),
        login("rtsp://u:quaggaäöß@HOST/cam", "u", "quaggaäöß"),
        login("rtsp://u:quagga%C3%A4@HOST/cam", "u", "quaggaä"),
        login("rtsp://ü:パスquagga@HOST/cam", "ü", "パスquagga"),
        login("rtsp://u:quagga👍@HOST/cam", "u", "quagga👍"),
        login("rtsp://u:p@u2:quagga@HOST/cam", "u", "p@u2:quagga"),
        login("rtsp://u:[quagga]@HOST/cam", "u", "[quagga]"),
        login("RTSP://u:quagga@HOST/cam", "u", "quagga"),
        login(
            "rtsp://u:\(String(repeating: "quagga", count: 400))@HOST/cam", "u", String(repeating: "quagga", count: 400)
        ),
        .init(
            url: "rtsp://u:quagga@HOST", user: "u", password: "quagga", location: "rtsp://HOST", shown: "rtsp://HOST"),
        .init(
            url: "rtsp://u:quagga@HOST?token=walrus", user: "u", password: "quagga",
            location: "rtsp://HOST?token=walrus",
            shown: "rtsp://HOST…"),
        .init(
            url: "rtsp://u:quagga@[::1]:9/cam", user: "u", password: "quagga", location: "rtsp://[::1]:9/cam",
            shown: "rtsp://[::1]:9/cam"),
        .init(
            url: "rtsp://u:quagga@[fe80::1%25lo]:9/cam", user: "u", password: "quagga",
            location: "rtsp://[fe80::1%25lo]:9/cam",
            shown: "rtsp://[fe80::1%25lo]:9/cam"),
        query("/cam?token=quagga", shown: "/cam"),
        query("/cam?quagga", shown: "/cam"),
        query("/cam?tkn=quagga", shown: "/cam"),
        query("/cam?usr=admin&pwd=quagga", shown: "/cam"),
        query("/cam?user=admin&password=quagga&channel=1", shown: "/cam"),
        query("/cam?user=jane@doe.org&password=quagga", shown: "/cam"),
        query("/user=admin_password=quagga_channel=1_stream=0.sdp", shown: "/user"),
        query("/user=admin&password=quagga&channel=1&stream=0.sdp?real_stream--rtp-caching=100", shown: "/user"),
    ]

    /// The same with a host that has a number, where no name could be told from a part of a password.
    static let understoodByNumber: [AwkwardAddress] = [
        .init(url: "rtsp://HOST/cam@1", location: "rtsp://HOST/cam@1", shown: "rtsp://HOST/cam@1"),
        .init(
            url: "rtsp://u:quagga@HOST/cam@1", user: "u", password: "quagga", location: "rtsp://HOST/cam@1",
            shown: "rtsp://HOST/cam@1"),
        .init(url: "rtsp://HOST?a@quagga", location: "rtsp://HOST/?a@quagga", shown: "rtsp://HOST…"),
    ]

    static let refused: [AwkwardAddress] = [
        refused("rtsp://u:quagga@walrus/ocelot@HOST/cam"),
        refused("rtsp://u:quagga@walrus?ocelot@HOST/cam"),
        refused("rtsp://u:1234/quagga@HOST/cam"),
        refused("rtsp://quagga/walrus@HOST/cam"),
        refused("rtsp://u:a/quagga@walrus/ocelot@HOST/cam"),
        refused("rtsp://u:quagga@walrus.org/cam@1"),
        refused("rtsp:/u:quagga@HOST/cam"),
        refused("rtsp:u:quagga@HOST/cam"),
        refused("rtsp//u:quagga@HOST/cam"),
        refused("rtsp:/HOST/cam?token=quagga"),
        refused("rstp://u:quagga@HOST/cam"),
        refused("rtsp ://u:quagga@HOST/cam"),
        refused(" rtsp://u:quagga@HOST/cam"),
        refused("\"rtsp://u:quagga@HOST/cam\""),
        refused("u:quagga@HOST/cam"),
        refused("http://u:quagga@HOST/cam"),
        refused("rtsp://u:quagga@"),
        refused("rtsp://u:quagga@HOST:quagga/cam"),
        refused("rtsp://u:quagga@[walrus]/cam"),
        refused("rtsp://u:quagga walrus"),
        refused("rtsp://u:quagga%00walrus@HOST/cam"),
        refused("rtsp://u:quagga%0d%0awalrus@HOST/cam"),
        refused("rtsp://u:quagga\twalrus@HOST/cam"),
    ]
}
