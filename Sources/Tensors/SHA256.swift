internal import CKernels

/// SHA-256 (FIPS 180-4): names weights.
public enum SHA256 {
    /// The digest in hexadecimal.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> String {
        digest(bytes, blocks: vw_sha256)
    }

    /// The slow, obvious twin.
    package static func plainDigest(_ bytes: UnsafeRawBufferPointer) -> String {
        digest(bytes, blocks: vw_sha256_plain)
    }

    private static func digest(
        _ bytes: UnsafeRawBufferPointer,
        blocks add: (UnsafeMutablePointer<UInt32>?, UnsafePointer<UInt8>?, Int) -> Void
    ) -> String {
        var state: [UInt32] = [
            0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
        ]
        let whole = bytes.count / 64
        add(&state, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), whole)
        // A one bit, zeros, and the length in bits fill up the last block.
        var last = Array(bytes[(64 * whole)...]) + [0x80]
        last += repeatElement(0, count: (120 - last.count) % 64)
        last += withUnsafeBytes(of: (UInt64(bytes.count) * 8).bigEndian) { Array($0) }
        add(&state, last, last.count / 64)
        return state.map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 8 - text.count) + text
        }.joined()
    }
}
