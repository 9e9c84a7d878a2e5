/// What it takes for something to be told. Speeds are px/s of a picture scaled to 640 × 360: a hundredth of the width a second is 6.4.
public struct MotionLimits: Sendable, Hashable {
    /// A cell whose vectors are slower is no part of a moving region.
    public var growSpeed = 5.0
    /// A region begins only with cells as fast as this, where luma confirms them.
    public var seedSpeed = 10.0
    /// The same where the fields have no luma.
    public var seedSpeedWithoutLuma = 15.0
    /// Seconds without a sight after which a region counts as stopped or gone.
    public var lostAfter = 0.75
    /// The same at the border, where the ground shows again.
    public var leftAfter = 0.45
    /// Seconds that something at the border must be seen before it has entered.
    public var enterAfter = 0.45
    /// Seconds that something inside the picture must be seen before it has started.
    public var startAfter = 0.75
    /// Standard deviation in levels of a textured cell; vectors of plainer ones mean little.
    public var texture = 4.0
    /// Regions that are followed at once; more than that is rain.
    public var maximumRegions = 24

    public init() {}

    public static let `default` = Self()
}
