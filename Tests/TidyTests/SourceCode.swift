/// The code of a Swift source alone: comments are gone and literals are empty, but for the code
/// inside interpolations. Lines stay where they are.
struct SourceCode {
    /// Whether the text ended outside every comment and literal: else it was not understood.
    private(set) var isWhole = true
    private let text: [UInt8]
    private var code: [UInt8] = []
    private var position = 0

    init(_ source: String) {
        text = Array(source.utf8)
        code.reserveCapacity(text.count)
        readCode(untilParenthesis: false)
        isWhole = isWhole && position == text.count
    }

    var lines: [String] {
        code.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func looksAt(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard position + count <= text.count else { return false }
        for offset in 0..<count where text[position + offset] != word.utf8Start[offset] {
            return false
        }
        return true
    }

    /// Passes bytes that are no code; ends of lines stay.
    private mutating func skip(_ count: Int) {
        for _ in 0..<count where position < text.count {
            if looksAt("\n") { code.append(text[position]) }
            position += 1
        }
    }

    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while position < text.count {
            if looksAt("//") {
                while position < text.count, !looksAt("\n") { position += 1 }
            } else if looksAt("/*") {
                skipComment()
            } else if looksAt("\"") || looksAt("#\"") || looksAt("##\"") {
                readString()
            } else if looksAt("#/") {
                skipRegex()
            } else {
                if looksAt("(") { depth += 1 }
                if looksAt(")") { depth -= 1 }
                if untilParenthesis && depth < 0 { return }
                code.append(text[position])
                position += 1
            }
        }
        isWhole = isWhole && !untilParenthesis
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            let (begins, ends) = (looksAt("/*"), looksAt("*/"))
            depth += begins ? 1 : ends ? -1 : 0
            skip(begins || ends ? 2 : 1)
        } while depth > 0 && position < text.count
        isWhole = isWhole && depth == 0
        code.append(UInt8(ascii: " "))
    }

    private mutating func skipRegex() {
        skip(2)
        while position < text.count, !looksAt("/#") { skip(1) }
        isWhole = isWhole && looksAt("/#")
        skip(2)
    }

    private mutating func readString() {
        var hashes = 0
        while looksAt("#") {
            hashes += 1
            position += 1
        }
        let quotes = looksAt("\"\"\"") ? 3 : 1
        position += quotes
        code.append(UInt8(ascii: "\""))
        while position < text.count, !endsString(quotes, hashes) {
            if quotes == 1 && looksAt("\n") { isWhole = false }
            if isEscape(hashes) {
                position += hashes + 1
                if looksAt("(") { readInterpolation() } else { skip(1) }
            } else {
                skip(1)
            }
        }
        isWhole = isWhole && position < text.count
        position = min(text.count, position + quotes + hashes)
        code.append(UInt8(ascii: "\""))
    }

    private mutating func readInterpolation() {
        position += 1
        code.append(UInt8(ascii: "("))
        readCode(untilParenthesis: true)
        code.append(UInt8(ascii: ")"))
        position += 1
    }

    private func endsString(_ quotes: Int, _ hashes: Int) -> Bool {
        let rest = text[position...]
        return rest.prefix(quotes).allSatisfy { $0 == UInt8(ascii: "\"") }
            && rest.dropFirst(quotes).prefix(hashes).allSatisfy { $0 == UInt8(ascii: "#") }
            && rest.count >= quotes + hashes
    }

    private func isEscape(_ hashes: Int) -> Bool {
        looksAt("\\")
            && text[(position + 1)...].prefix(hashes).allSatisfy { $0 == UInt8(ascii: "#") }
    }
}
