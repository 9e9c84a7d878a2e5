internal import ArgumentParser
internal import Service

/// Parts of the picture that nobody looks at.
struct MaskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A part of the picture that is black in all that is told or asked, in fractions of the picture. May be repeated.",
            valueName: "x,y,width,height"))
    var privacy: [String] = []

    @Option(
        help: ArgumentHelp(
            "A part of the picture in which nothing is seen to move. May be repeated.", valueName: "x,y,width,height"))
    var ignore: [String] = []

    func validate() throws {
        do {
            _ = try request
        } catch {
            throw ValidationError("\(error)")
        }
    }

    var request: MaskRequest {
        get throws { try MaskRequest(privacy: privacy, ignore: ignore) }
    }
}
