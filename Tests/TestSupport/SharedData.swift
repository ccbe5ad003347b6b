public import Foundation

/// The folder of recorded venue traffic beside the checkout (`../shared/data`).
/// It is never committed; tests that need it say loudly that they were skipped.
public enum SharedData {
    /// The folder, or nil (after printing why) where it is absent.
    public static var folder: URL? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let url = root.deletingLastPathComponent().appendingPathComponent("shared/data")
        if FileManager.default.fileExists(atPath: url.path) { return url }
        print("SKIPPED: ../shared/data is absent, so no recorded venue traffic was tested")
        return nil
    }
}
