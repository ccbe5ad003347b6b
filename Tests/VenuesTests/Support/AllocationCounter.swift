import Foundation

/// Counts the Swift runtime's allocations (objects, arrays, boxes) through the hook that the
/// runtime keeps for Instruments. What is allocated by hand (`LevelBuffer`) does not pass there.
enum AllocationCounter {
    private typealias Allocate =
        @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

    nonisolated(unsafe) private static var made = 0
    nonisolated(unsafe) private static var original: Allocate?

    /// Allocations that `body` made; nil where the runtime has no hook.
    static func count(_ body: () -> Void) -> Int? {
        guard let handle = dlopen(nil, RTLD_NOW),
            let hook = dlsym(handle, "_swift_allocObject"),
            let flag = dlsym(
                handle,
                "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")
        else { return nil }
        let slot = hook.assumingMemoryBound(to: Allocate?.self)
        original = slot.pointee
        made = 0
        slot.pointee = { metadata, size, alignment in
            AllocationCounter.made &+= 1
            return AllocationCounter.original?(metadata, size, alignment)
        }
        let isOn = flag.assumingMemoryBound(to: Bool.self)
        isOn.pointee = true
        body()
        isOn.pointee = false
        slot.pointee = original
        return made
    }
}
