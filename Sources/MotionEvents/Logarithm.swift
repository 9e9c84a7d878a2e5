/// The natural logarithm, for this module uses no system library: ln x = 2 artanh((x − 1) / (x + 1)) after halving x into 1/√2…√2.
enum Logarithm {
    static func of(_ value: Double) -> Double {
        guard value > 0, value.isFinite else { return value > 0 ? 710 : -745 }
        var exponent = Double(value.exponent), significand = value.significand
        if significand > 2.0.squareRoot() {
            significand /= 2
            exponent += 1
        }
        let ratio = (significand - 1) / (significand + 1)
        var sum = 0.0, power = ratio
        for odd in stride(from: 1.0, through: 17, by: 2) {
            sum += power / odd
            power *= ratio * ratio
        }
        return 2 * sum + exponent * 0.693_147_180_559_945_3
    }
}
