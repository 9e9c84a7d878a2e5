internal import Media

/// Universally unique, lexicographically sortable identifiers (github.com/ulid/spec): 48 bits of milliseconds since 1970
/// and 80 random bits in Crockford's base 32, 26 characters.
package enum ULID {
    package static func make(milliseconds: Int64 = UTC.now().nanoseconds / 1_000_000) -> String {
        let random = (UInt64.random(in: 0..<1 << 40), UInt64.random(in: 0..<1 << 40))
        return base32(UInt64(milliseconds) & (1 << 48 - 1), characters: 10) + base32(random.0, characters: 8)
            + base32(random.1, characters: 8)
    }

    private static func base32(_ value: UInt64, characters: Int) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        return String((0..<characters).reversed().map { alphabet[Int(value >> (5 * UInt64($0)) & 31)] })
    }
}
