import Capture
import Testing

@Suite struct SecretMaskTests {
    private func masked(_ text: String, _ secrets: String...) -> String {
        var mask = SecretMask()
        for secret in secrets { mask.insert(secret) }
        return mask.masked(text)
    }

    @Test func secretsGoWhereverTheyStand() {
        #expect(masked("user-pw=hunter22, again xhunter22y", "hunter22") == "user-pw=…, again x…y")
        #expect(masked("all hunter22 of it", "hunter22", "hunter22 of") == "all … it")
        #expect(masked("pässword geheimö!", "geheimö") == "pässword …!")
        #expect(masked("nothing here", "hunter22") == "nothing here")
        #expect(masked("location=cam\\/\\?hunt\\=er22 x", "?hunt=er22") == "location=cam\\/… x")
        #expect(masked("aaaaaaa b", "aaaaaa") == "… b")
        #expect(masked("xhunter22secrety", "hunter22", "er22secret", "22") == "x…y")
    }

    @Test func aTrivialSecretLeavesWordsReadable() {
        let text = "live: the delivery of a banana is alive, live=live a/a xa"
        #expect(masked(text, "live") == "…: the delivery of a banana is alive, …=… a/a xa")
        #expect(masked(text, "a") == "live: the delivery of … banana is alive, live=live …/… xa")
        #expect(masked("#1 is 1 #1#1 a#1b", "#1") == "… is 1 …… a#1b")
    }

    @Test func authorizationHeadersAreNotShown() {
        #expect(
            masked("   key: 'Authorization', value: 'Digest username=\"u\", response=\"6629\"'\nnext")
                == "   key: 'Authorization…\nnext")
        #expect(masked("AUTHORIZATION: Basic dTpw") == "AUTHORIZATION…")
        #expect(masked("the authority says") == "the authority says")
    }

    @Test func urlsLoseLoginAndQuery() {
        #expect(masked("open rtsp://u:p@w@cam:1/x?token=t now") == "open rtsp://…@cam:1/x… now")
        #expect(masked("a='rtsp://cam/x?y' b='HTTP://u@h/?z'") == "a='rtsp://cam/x…' b='HTTP://…@h/…'")
        #expect(masked("rtsp://cam/x mail a@b?") == "rtsp://cam/x mail a@b?")
        #expect(masked("://") == "://")
    }
}
