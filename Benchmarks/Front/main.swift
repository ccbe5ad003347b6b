// The server half of `scripts/bench live`: `front live` is the program `tapefold` with other rate
// limits, `front still DIRECTORY HZ` is hub and HTTP front alone. Both end when standard input does,
// so that none outlives the script.
internal import Foundation
internal import Server

let arguments = CommandLine.arguments
guard arguments.count >= 2 else { fatalError("front live | front still DIRECTORY HZ") }

/// One load client stands for many: it may ask as often as it likes.
let rates: HTTPLimits = {
    var limits = HTTPLimits()
    limits.executeRate = RateLimit(perSecond: 1_000_000, burst: 1_000_000)
    limits.otherRate = RateLimit(perSecond: 1_000_000, burst: 1_000_000)
    limits.requestsPerConnection = .max
    return limits
}()

let watch = Thread {
    while FileHandle.standardInput.availableData.count > 0 {}
    kill(getpid(), SIGTERM)
}
watch.start()

switch arguments[1] {
case "live":
    // Settings come from the environment, as those of the program do.
    let values = ProcessInfo.processInfo.environment
    var settings = try Settings(values, isSimulated: values["BENCH_LIVE"] == nil)
    settings.limits = rates
    exit(try await LiveServer(settings).run())
case "still":
    let still = try StillServer(directory: arguments[2], limits: rates)
    try await still.run(hz: UInt32(arguments[3]) ?? 4)
default:
    fatalError("unknown server \(arguments[1])")
}
