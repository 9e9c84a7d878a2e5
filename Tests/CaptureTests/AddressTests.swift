import Capture
import Testing

@Suite struct AddressTests {
    @Test(arguments: [
        ("rtsp://cam/1", "rtsp://cam/1"),
        ("rtsp://admin:secret@10.0.0.2:554/h264", "rtsp://10.0.0.2:554/h264"),
        ("rtsp://a.b:secret@cam/x", "rtsp://cam/x"),
        ("rtsp://a%40b.de:secret@cam/x", "rtsp://cam/x"),
        ("rtsp://:secret@cam/x", "rtsp://cam/x"),
        ("rtsp://secret@cam", "rtsp://cam"),
        ("rtsp://u:secret@secret@cam/x", "rtsp://cam/x"),
        ("rtsp://u:sec/secret@cam:8554/x", "rtsp://cam:8554/x"),
        ("rtsp://u:sec#secret?@cam/x", "rtsp://cam/x"),
        ("rtsp://10.0.0.2:554/x@1", "rtsp://10.0.0.2:554/x@1"),
        ("rtsp://u:secret@[fe80::1]:554/x", "rtsp://[fe80::1]:554/x"),
        ("rtsp://cam/live?user=u&password=secret", "rtsp://cam/live…"),
        ("rtsp://cam/user=u_password=secret_channel=1.sdp", "rtsp://cam/user…"),
        ("RTSPS://u:secret@cam/x", "rtsps://cam/x"),
    ])
    func descriptionHidesCredentials(text: String, shown: String) throws {
        let source = try SourceLocation(parsing: text)
        #expect(source.description == shown)
        #expect(!"\(source)".contains("secret"))
    }
}

extension AddressTests {
    @Test(arguments: [
        ("rtsp://admin:se%40cret@cam/x", "admin", "se@cret", "rtsp://cam/x"),
        ("rtsp://:pw@cam/x", "", "pw", "rtsp://cam/x"),
        ("rtsp://token@cam/x", "token", nil, "rtsp://cam/x"),
        ("rtsp://u:p@s:s@cam/x?y=1", "u", "p@s:s", "rtsp://cam/x?y=1"),
        ("rtsp://u:100%sure@cam/x", "u", "100%sure", "rtsp://cam/x"),
        ("rtsp://cam/x", nil, nil, "rtsp://cam/x"),
    ])
    func credentialsAreTakenOut(text: String, user: String?, password: String?, location: String) throws {
        let address = try RTSPAddress(parsing: text)
        #expect(address.user == user)
        #expect(address.password == password)
        #expect(address.location == location)
    }

    @Test(arguments: [
        "rtsp://", "rtsp://u:secret@", "rtsp://u:secret@secret/secret@cam/x", "rtsp:/u:secret@cam/x", "u:secret@cam/x",
        "rtsp://cam:secret", "rtsp://u:secret@cam:0/", "http://u:secret@x", "",
    ])
    func whatIsNoAddressIsRefusedWithoutRepeatingIt(text: String) {
        let error = #expect(throws: SourceError.self) { try SourceLocation(parsing: text) }
        #expect(error?.kind == .badAddress)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func pathsAreFiles() throws {
        #expect(try SourceLocation(parsing: "a/b.mp4") == .file("a/b.mp4"))
        #expect(try SourceLocation(parsing: "file:///a b.mp4") == .file("/a b.mp4"))
        #expect(try SourceLocation(parsing: "test") == .testPicture)
    }
}
