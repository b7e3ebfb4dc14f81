import Testing

@testable import JobModel

struct DecimalNumberTests {
    @Test(arguments: [
        ("1", "1.0"), ("10e-1", "1"), ("0", "-0.000"), ("1e400", "10e399"), ("0.001", "1e-3"), ("120", "1.2E+2"),
    ])
    func `numbers are equal by what they mean`(left: String, right: String) {
        #expect(DecimalNumber(left) == DecimalNumber(right))
    }

    @Test func `numbers are in order, whatever their size`() {
        let texts = [
            "-1e400", "-9007199254740993", "-9007199254740992", "-2", "-1.5", "-0.1", "0", "1e-400", "0.1", "0.11",
            "1", "1.5", "9", "10", "9007199254740992", "9007199254740993", "1e400",
        ]
        for (index, text) in texts.enumerated() {
            for later in texts[(index + 1)...] {
                #expect(DecimalNumber(text) < DecimalNumber(later), "\(text) < \(later)")
                #expect(!(DecimalNumber(later) < DecimalNumber(text)), "\(later) < \(text)")
            }
        }
    }

    @Test func `whole numbers are known, and hostile exponents do no harm`() {
        for whole in ["0", "12", "1.0", "1.5e1", "1e99999999999999999999"] { #expect(DecimalNumber(whole).isWhole) }
        for part in ["0.5", "1.25e1", "1e-99999999999999999999"] { #expect(!DecimalNumber(part).isWhole) }
    }
}
