internal import Media

/// The camera's movement in one field, from vectors and luma; nil where it stands or cannot be told.
struct CameraSight {
    var model: CameraModel
    /// The picture is too plain to tell a moving camera from a moving thing.
    var isUncertain: Bool

    /// - Parameters:
    ///   - isUnderWay: the camera moved a moment ago; less evidence will do.
    ///   - before: the model of the field before, where there was one.
    ///   - known: cells in the boxes of things that have been known for a while.
    init?(
        _ observation: Observation, history: LumaHistory, isUnderWay: Bool, before: CameraModel?, known: (Int) -> Bool
    ) {
        let vectors = VectorCamera(observation)
        let luma = Self.luma(observation, history, isUnderWay: isUnderWay, before: before)
        isUncertain = observation.texturedShare < 0.2
        if let vectors, vectors.agreement > 0.8, observation.coverage > 0.6, observation.texturedShare > 0.2 {
            model = vectors.model
        } else if let vectors, let luma, Self.agree(vectors.model, luma.model) {
            model = vectors.model
        } else if let luma, !Self.isVetoed(luma.model, observation, history, known) {
            model = luma.model
        } else {
            return nil
        }
    }

    private static func luma(
        _ observation: Observation, _ history: LumaHistory, isUnderWay: Bool, before: CameraModel?
    ) -> LumaCamera? {
        guard let now = history.newest, now.time == observation.time, let old = history.entry(before: now.time - 0.05)
        else {
            return nil
        }
        let ease = isUnderWay ? 0.7 : 1
        let start = before ?? .still
        if let near = LumaCamera(
            from: old.luma, to: now.luma, visible: observation.visible, seconds: now.time - old.time, start: start,
            ease: ease)
        {
            return near
        }
        // A slow movement shows only over a longer time.
        guard let far = history.entry(before: now.time - 0.42), now.time - far.time < 0.7 else { return nil }
        let found = LumaCamera(
            from: far.luma, to: now.luma, visible: observation.visible, seconds: now.time - far.time, start: start,
            ease: ease)
        guard let found,
            LumaCamera.holds(
                found.model, from: old.luma, to: now.luma, visible: observation.visible, seconds: now.time - old.time)
        else { return nil }
        return found
    }

    /// Whether a movement also explains what has changed since a time, registered all at once.
    static func holds(_ model: CameraModel, since start: Double, _ history: LumaHistory, _ visible: VisibleCells)
        -> Bool
    {
        guard let now = history.newest, let old = history.entry(before: start + 0.02), old.time < now.time else {
            return false
        }
        return LumaCamera.holds(
            model, from: old.luma, to: now.luma, visible: visible, seconds: now.time - old.time, leaves: 0.75)
    }

    private static func agree(_ a: CameraModel, _ b: CameraModel) -> Bool {
        let difference = CameraModel(shift: a.shift - b.shift, growth: a.growth - b.growth, turn: a.turn - b.turn)
        return difference.speed < max(8, 0.4 * max(a.speed, b.speed))
    }

    /// Textured cells that have vectors and stand still know better, and so does a thing whose changes these are.
    private static func isVetoed(
        _ model: CameraModel, _ observation: Observation, _ history: LumaHistory, _ known: (Int) -> Bool
    ) -> Bool {
        var (textured, standing) = (0, 0)
        for cell in 0..<MotionField.cells where observation.validity[cell] > 0.3 && observation.texture[cell] > 6 {
            let expected = model.velocity(at: CellGeometry.offsets[cell]).length
            guard expected > 8 else { continue }
            textured += 1
            if observation.velocity[cell].length < 0.25 * expected { standing += 1 }
        }
        if textured >= 30, 2 * standing > textured { return true }
        guard let now = history.newest, let old = history.entry(before: now.time - 0.05) else { return false }
        let fit = ExposureFit(from: old.luma, to: now.luma, cells: observation.visible.indices)
        let changed = observation.visible.indices.filter { abs(now.luma[$0] - fit(old.luma[$0])) > 4 }
        return !changed.isEmpty && Double(changed.count(where: known)) >= 0.65 * Double(changed.count)
    }
}
