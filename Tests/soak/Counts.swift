/// What a soak did and found; sums of hours are sums of seeds.
struct Counts {
    var seconds = 0
    var messages = 0
    var ticks = 0
    /// Books at ticks: equal to the venue's, flagged (not live, or stale), neither.
    var booksEqual = 0
    var booksFlagged = 0
    var booksWrong = 0
    /// Published frames against those of the second fold over the journal.
    var framesEqual = 0
    var framesDifferent = 0
    var events: UInt64 = 0
    /// By `FaultKind.rawValue`: how often each fault struck.
    var faults = [Int](repeating: 0, count: FaultKind.allCases.count)
    /// What is wrong, the first few.
    private(set) var complaints: [String] = []

    private static let complaintsMax = 20

    var isClean: Bool { booksWrong == 0 && framesDifferent == 0 && complaints.isEmpty }

    mutating func complain(_ text: String) {
        if complaints.count < Counts.complaintsMax { complaints.append(text) }
    }

    static func += (sum: inout Counts, one: Counts) {
        sum.seconds += one.seconds
        sum.messages += one.messages
        sum.ticks += one.ticks
        sum.booksEqual += one.booksEqual
        sum.booksFlagged += one.booksFlagged
        sum.booksWrong += one.booksWrong
        sum.framesEqual += one.framesEqual
        sum.framesDifferent += one.framesDifferent
        sum.events += one.events
        for index in sum.faults.indices { sum.faults[index] += one.faults[index] }
        for complaint in one.complaints { sum.complain(complaint) }
    }

    var text: String {
        "\(messages) messages, \(events) events, \(ticks) ticks;"
            + " books \(booksEqual) equal, \(booksFlagged) flagged, \(booksWrong) wrong;"
            + " frames \(framesEqual) equal, \(framesDifferent) different"
    }

    var faultsText: String {
        FaultKind.allCases.map { "\($0) \(faults[$0.rawValue])" }.joined(separator: ", ")
    }
}
