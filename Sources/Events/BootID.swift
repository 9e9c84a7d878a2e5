internal import Glibc

/// Identifies the run of the machine since it was switched on (Linux, random(4)).
enum BootID {
    static var current: String {
        guard let file = fopen("/proc/sys/kernel/random/boot_id", "r") else { return ULID.make() }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 36)
        let count = fread(&bytes, 1, bytes.count, file)
        // Without one, an unclean end is taken for a power cut.
        return count == bytes.count ? String(decoding: bytes, as: UTF8.self) : ULID.make()
    }
}
