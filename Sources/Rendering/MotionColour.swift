/// The colours of directions and speeds: hue is where to, strength is how fast.
///
/// Each of red, green and blue is brightest in a direction of its own, a third of a turn apart, and fades as a cosine:
/// right is red, left its complement cyan, down yellow-green, up violet. docs/decode.md shows the wheel.
package enum MotionColour {
    /// The speed of full colour, in picture widths a second.
    package static let fullSpeed: Float = 0.5
    /// Slower motion is left without colour and arrow: it is the noise of vectors.
    package static let leastSpeed: Float = 0.01

    /// - Parameter direction: a unit vector, x to the right, y down.
    package static func hue(_ direction: SIMD2<Float>) -> SIMD3<Float> {
        let x = SIMD3<Float>(1, -0.5, -0.5) * direction.x
        let y = SIMD3<Float>(0, 0.8660254, -0.8660254) * direction.y
        return (x + y) * 127.5 + 127.5
    }

    /// 0…1: the square root of the share of `fullSpeed`, so that slow motion is seen too.
    package static func strength(speed: Float) -> Float {
        speed < leastSpeed ? 0 : min(speed / fullSpeed, 1).squareRoot()
    }
}

extension SIMD2<Float> {
    var length: Float { (x * x + y * y).squareRoot() }
}
