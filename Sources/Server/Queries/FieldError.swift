/// A field of a question that cannot be meant: the command line and the server say it in the
/// same words.
public struct FieldError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The field's name.
    public var field: String
    /// What is wrong with it, in words.
    public var message: String

    /// `field` is wrong: `message`.
    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    /// Both, in one line.
    public var description: String { "\(field): \(message)" }
}
