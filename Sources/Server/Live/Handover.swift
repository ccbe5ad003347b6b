/// Carries something that belongs to one thread to that thread.
///
/// `@unchecked Sendable`: whoever made it lets go of it, and whoever takes it is the only one.
final class Handover<Value>: @unchecked Sendable {
    private var value: Value?

    init(_ value: Value) { self.value = value }

    /// The value, once.
    func take() -> Value {
        guard let value else { preconditionFailure("a run starts once") }
        self.value = nil
        return value
    }
}
