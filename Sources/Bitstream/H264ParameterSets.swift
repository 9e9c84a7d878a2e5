/// What a slice header's syntax depends on in a sequence parameter set (ITU-T H.264 §7.3.2.1).
struct H264Sequence: Sendable {
    let id: Int
    private let hasSeparatePlanes: Bool
    private let frameNumberBits: Int
    private let orderType: Int
    private let orderBits: Int
    private let orderDeltaIsZero: Bool
    private let framesOnly: Bool

    init?(_ unit: ArraySlice<UInt8>) {
        var reader = BitReader(unit.dropFirst(), escaped: true)
        let profile = reader.bits(8)
        reader.skip(16)
        id = reader.unsigned()
        guard id < 32 else { return nil }
        hasSeparatePlanes = Self.hasHighSyntax(profile) ? Self.readHighSyntax(&reader) : false
        frameNumberBits = reader.unsigned() + 4
        orderType = reader.unsigned()
        (orderBits, orderDeltaIsZero) = Self.readOrder(orderType, &reader)
        _ = reader.unsigned()
        reader.skip(1)
        _ = reader.unsigned()
        _ = reader.unsigned()
        framesOnly = reader.bit()
        guard !reader.isExhausted, frameNumberBits <= 16, orderBits <= 16 else { return nil }
    }

    private static func hasHighSyntax(_ profile: Int) -> Bool {
        [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].contains(profile)
    }

    /// chroma_format_idc up to the scaling lists; the result is separate_colour_plane_flag.
    private static func readHighSyntax(_ reader: inout BitReader) -> Bool {
        let chroma = reader.unsigned()
        let separate = chroma == 3 ? reader.bit() : false
        _ = reader.unsigned()
        _ = reader.unsigned()
        reader.skip(1)
        guard reader.bit() else { return separate }
        for list in 0..<(chroma == 3 ? 12 : 8) where reader.bit() {
            skipScalingList(&reader, count: list < 6 ? 16 : 64)
        }
        return separate
    }

    private static func skipScalingList(_ reader: inout BitReader, count: Int) {
        var last = 8
        for _ in 0..<count {
            let next = (last + reader.signed()) & 255
            guard next != 0, !reader.isExhausted else { return }
            last = next
        }
    }

    private static func readOrder(_ type: Int, _ reader: inout BitReader) -> (bits: Int, deltaIsZero: Bool) {
        if type == 0 { return (reader.unsigned() + 4, true) }
        guard type == 1 else { return (0, true) }
        let deltaIsZero = reader.bit()
        _ = reader.signed()
        _ = reader.signed()
        let count = reader.unsigned()
        for _ in 0..<min(count, 255) where !reader.isExhausted { _ = reader.signed() }
        return (0, deltaIsZero)
    }

    /// Reads a slice header from frame_num on; the result is num_ref_idx_l0_active.
    func readReferences(_ reader: inout BitReader, picture: H264PictureSet, isIDR: Bool, isB: Bool) -> Int {
        if hasSeparatePlanes { reader.skip(2) }
        reader.skip(frameNumberBits)
        let isField = framesOnly ? false : reader.bit()
        if isField { reader.skip(1) }
        if isIDR { _ = reader.unsigned() }
        let hasDelta = picture.hasOrderInFrames && !isField
        if orderType == 0 {
            reader.skip(orderBits)
            if hasDelta { _ = reader.signed() }
        } else if orderType == 1, !orderDeltaIsZero {
            _ = reader.signed()
            if hasDelta { _ = reader.signed() }
        }
        if picture.hasRedundantCount { _ = reader.unsigned() }
        if isB { reader.skip(1) }
        return min(reader.bit() ? reader.unsigned() + 1 : picture.references, 32)
    }
}

/// What a slice header's syntax depends on in a picture parameter set (ITU-T H.264 §7.3.2.2).
struct H264PictureSet: Sendable {
    let id: Int
    let sequence: Int
    let hasOrderInFrames: Bool
    let hasRedundantCount: Bool
    /// num_ref_idx_l0_default_active
    let references: Int

    init?(_ unit: ArraySlice<UInt8>) {
        var reader = BitReader(unit.dropFirst(), escaped: true)
        id = reader.unsigned()
        sequence = reader.unsigned()
        guard id < 256, sequence < 32 else { return nil }
        reader.skip(1)
        hasOrderInFrames = reader.bit()
        Self.skipSliceGroups(&reader)
        references = min(reader.unsigned() + 1, 32)
        _ = reader.unsigned()
        reader.skip(3)
        _ = reader.signed()
        _ = reader.signed()
        _ = reader.signed()
        reader.skip(2)
        hasRedundantCount = reader.bit()
        guard !reader.isExhausted else { return nil }
    }

    /// Flexible macroblock ordering, of the Baseline and Extended profiles only.
    private static func skipSliceGroups(_ reader: inout BitReader) {
        let groups = min(reader.unsigned(), 7)
        guard groups > 0 else { return }
        switch reader.unsigned() {
        case 0: for _ in 0...groups { _ = reader.unsigned() }
        case 2: for _ in 0..<groups * 2 { _ = reader.unsigned() }
        case 3, 4, 5:
            reader.skip(1)
            _ = reader.unsigned()
        case 6:
            let units = reader.unsigned() + 1
            let bits = groups > 3 ? 3 : groups > 1 ? 2 : 1
            reader.skip(units * bits)
        default: break
        }
    }
}
