import Foundation

/// Counts every call of `malloc`, `calloc` and `realloc` of a thread. The counter is a small C
/// library that is built beside the test and preloaded into a second run of this very program,
/// because nothing inside a running Swift program can see all of them.
enum AllocationCounter {
    private static let source = """
        #include <stddef.h>
        extern void *__libc_malloc(size_t);
        extern void *__libc_calloc(size_t, size_t);
        extern void *__libc_realloc(void *, size_t);
        static __thread long calls;
        void *malloc(size_t n) { calls++; return __libc_malloc(n); }
        void *calloc(size_t n, size_t m) { calls++; return __libc_calloc(n, m); }
        void *realloc(void *p, size_t n) { calls++; return __libc_realloc(p, n); }
        long tapefold_allocations(void) { return calls; }
        """

    /// The calls of this thread so far; nil where the counter is not preloaded.
    static var calls: Int? {
        typealias Counter = @convention(c) () -> Int
        guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "tapefold_allocations") else { return nil }
        return unsafeBitCast(symbol, to: Counter.self)()
    }

    /// Runs the tests that `filter` names in a second process with the counter preloaded.
    ///
    /// - Returns: what it printed and whether it passed; nil where there is no C compiler.
    static func rerun(filter: String) throws -> (output: String, isPassed: Bool)? {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tapefold-allocations-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let code = folder.appendingPathComponent("counter.c")
        let library = folder.appendingPathComponent("counter.so")
        try source.write(to: code, atomically: true, encoding: .utf8)
        let compiler = try run(
            "/usr/bin/env",
            [
                "clang", "-shared", "-fPIC", "-O1", "-ftls-model=initial-exec", "-o", library.path,
                code.path,
            ], [:])
        guard compiler.isPassed else { return nil }
        return try run(
            "/proc/self/exe", ["--testing-library", "swift-testing", "--filter", filter],
            ["LD_PRELOAD": library.path])
    }

    private static func run(
        _ path: String, _ arguments: [String], _ extra: [String: String]
    ) throws -> (output: String, isPassed: Bool) {
        let process = Process()
        // The link names the program of whoever follows it, so it is followed here.
        process.executableURL = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(extra) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus == 0)
    }
}
