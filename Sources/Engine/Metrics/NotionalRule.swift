/// What turns price and size mantissas into notional in quote currency.
struct NotionalRule: Equatable {
    /// Sizes are contracts of the quote currency: the price does not enter.
    let isInverse: Bool
    /// Mantissa of the contract multiplier.
    let multiplier: Int64
    /// Digits after the point of a notional mantissa.
    let exponent: Int

    /// Price times size, without exponents and multiplier.
    static var linear: NotionalRule {
        NotionalRule(isInverse: false, multiplier: 1, exponent: 0)
    }

    private init(isInverse: Bool, multiplier: Int64, exponent: Int) {
        self.isInverse = isInverse
        self.multiplier = multiplier
        self.exponent = exponent
    }

    init(_ definition: InstrumentDefinition) {
        self.init(
            definition, price: definition.priceExponent, size: definition.sizeExponent)
    }

    /// The rule of mantissas with so many digits behind the point.
    init(_ definition: InstrumentDefinition, price: UInt8, size: UInt8) {
        isInverse = definition.isInverse
        multiplier = definition.contractMultiplier.mantissa
        exponent =
            (isInverse ? 0 : Int(price)) + Int(size) + Int(definition.contractMultiplier.exponent)
    }

    /// Price times size, or size alone, without the multiplier.
    @inline(__always) func product(_ price: Int64, _ size: Int64) -> Int128 {
        if isInverse { return Int128(size) }
        let wide = price.multipliedFullWidth(by: size)
        return Int128(wide.high) << 64 | Int128(wide.low)
    }
}
