import Engine
import Foundation
import Journal
import Venues

extension Settings {
    /// Everything that can be set, in the order of the documents.
    public static let all: [Setting] = venues + fold + journal + server + logs + simulation + later

    /// Every setting with its default, as a file of the environment.
    public static var example: String {
        var lines = ["# Settings of tapefold; the values are the defaults."]
        for setting in all {
            lines += ["", "# \(setting.purpose)", "#\(setting.name)=\(setting.standard)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let venues: [Setting] =
        [
            Setting("EXCHANGES", "binance,coinbase,kraken,okx,bybit", "Feeds that are recorded.") {
                settings, text in
                let names = try SettingText.list("EXCHANGES", text)
                let known = VenueService.all.map(\.name)
                for name in names where !known.contains(name) {
                    throw SettingError(
                        "EXCHANGES", name, "is none of \(known.joined(separator: ", "))")
                }
                settings.exchanges = names
            },
            Setting("SYMBOLS", "BTC-USD,ETH-USD,SOL-USD", "Consolidated symbols.") {
                settings, text in
                settings.bases = try SettingText.list("SYMBOLS", text).map { symbol in
                    let base = symbol.hasSuffix("-USD") ? String(symbol.dropLast(4)) : ""
                    let isPlain = base.utf8.allSatisfy {
                        ($0 >= 0x41 && $0 <= 0x5a) || ($0 >= 0x30 && $0 <= 0x39)
                    }
                    guard !base.isEmpty, base.utf8.count <= 16, isPlain else {
                        throw SettingError("SYMBOLS", symbol, "is not of the form BASE-USD")
                    }
                    return base
                }
            },
            Setting("DEFAULT_SYMBOL", "BTC-USD", "Symbol of a request that names none.") {
                $0.defaultSymbol = $1
            },
        ]
        + VenueService.all.map { service in
            let name =
                service.name.uppercased().replacingOccurrences(of: "-", with: "_") + "_WS_URL"
            return Setting(name, service.socketURL, "Address of \(service.name).") {
                $0.socketURLs[service.name] =
                    try SettingText.address(name, $1, ["wss", "ws"])
            }
        }

    private static let fold: [Setting] = [
        Setting("TICK_HZ", "2", "Frames a second, 1 to 10.") {
            $0.tickHz = try SettingText.whole("TICK_HZ", $1, 1...10)
        },
        Setting("WINDOWS_BPS", "50,10,25,100", "Windows around mid; the first is the default.") {
            let windows = try SettingText.list("WINDOWS_BPS", $1).map {
                try SettingText.whole("WINDOWS_BPS", $0, 1...9_999)
            }
            guard windows.count <= Limits.windowsMax else {
                throw SettingError("WINDOWS_BPS", $1, "has more than \(Limits.windowsMax) windows")
            }
            $0.windowsBps = windows
        },
        Setting("TOP_LEVELS", "50", "Levels a side of books in answers.") {
            $0.topLevels = try SettingText.whole("TOP_LEVELS", $1, 1...5_000)
        },
        Setting("DEPTH_LEVELS", "20", "Levels a side of the order-book feed.") {
            $0.depthLevels = try SettingText.whole("DEPTH_LEVELS", $1, 1...500)
        },
        Setting("CALCULATE_DEPTH", "10", "Levels a side that order-book metrics look at.") {
            $0.metricDepth = try SettingText.whole("CALCULATE_DEPTH", $1, 1...1_000)
        },
    ]

    private static let journal: [Setting] = [
        Setting("JOURNAL_DIR", "journal", "Folder of the journal.") { $0.journalFolder = $1 },
        Setting("JOURNAL_SYNC", "group", "group, always or os (docs/journal-format.md).") {
            switch $1 {
            case "group": $0.syncPolicy = .groupDefault
            case "always": $0.syncPolicy = .always
            case "os": $0.syncPolicy = .os
            default: throw SettingError("JOURNAL_SYNC", $1, "is none of group, always, os")
            }
        },
        Setting("JOURNAL_SYNC_MS", "50", "Longest time that accepted events are not durable.") {
            let millis = try SettingText.whole("JOURNAL_SYNC_MS", $1, 1...10_000)
            if case .group = $0.syncPolicy {
                $0.syncPolicy = .group(intervalNanos: UInt64(millis) * 1_000_000)
            }
        },
        Setting("JOURNAL_SEGMENT_KB", "65536", "Size from which on a new segment is begun, KiB.") {
            $0.segmentBytes = try SettingText.whole("JOURNAL_SEGMENT_KB", $1, 256...524_288) << 10
        },
        Setting("JOURNAL_KEEP_SEGMENTS", "", "Segments that are kept, the open one included.") {
            $0.retention.segmentsMax = try SettingText.whole(
                "JOURNAL_KEEP_SEGMENTS", $1, 2...1_000_000)
        },
        Setting("JOURNAL_KEEP_MB", "", "MiB of the journal that are kept.") {
            $0.retention.bytesMax =
                try SettingText.whole("JOURNAL_KEEP_MB", $1, 1...1_000_000_000) << 20
        },
        Setting("JOURNAL_KEEP_HOURS", "", "Hours of the journal that are kept.") {
            let hours = try SettingText.whole("JOURNAL_KEEP_HOURS", $1, 1...1_000_000)
            $0.retention.ageNanosMax = Int64(hours) * 3_600 * Timestamp.second
        },
    ]

    private static let server: [Setting] = [
        Setting("BIND", "127.0.0.1", "Address that the server listens on.") {
            $0.bind = try SettingText.host("BIND", $1)
        },
        Setting("PORT", "8080", "Port of the server; 0: a free one.") {
            $0.port = try SettingText.whole("PORT", $1, 0...65_535)
        },
        Setting("API_TOKEN_FILE", "", "File with the token of clients from elsewhere.") {
            $0.tokenFile = $1
        },
        Setting("ALLOWED_HOSTS", "", "Host names beside this machine's.") {
            $0.allowedHosts = try SettingText.list("ALLOWED_HOSTS", $1).map {
                try SettingText.host("ALLOWED_HOSTS", $0)
            }
        },
        Setting("ALLOWED_ORIGINS", "", "Origins from which browsers may ask.") {
            $0.allowedOrigins = try SettingText.list("ALLOWED_ORIGINS", $1).map {
                try SettingText.address("ALLOWED_ORIGINS", $0, ["https", "http"])
            }
        },
    ]

    private static let logs: [Setting] = [
        Setting("LOG_LEVEL", "info", "trace, debug, info, notice, warning, error, critical.") {
            let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
            guard levels.contains($1) else {
                throw SettingError(
                    "LOG_LEVEL", $1, "is none of \(levels.joined(separator: ", "))")
            }
            $0.logLevel = $1
        },
        Setting("LOG_FILE", "", "File that the log is appended to; standard error without it.") {
            $0.logFile = $1
        },
    ]

    private static let simulation: [Setting] = [
        Setting("SEED", "1", "Seed of simulated markets and of all jitter.") {
            guard let seed = UInt64($1) else {
                throw SettingError("SEED", $1, "is not a whole number from 0 to 2^64 - 1")
            }
            $0.seed = seed
        },
        Setting("VENUE_FAULTS", "", "Faults of simulated venues: binance=down@30s+10s,…") {
            $0.faults = try SettingText.list("VENUE_FAULTS", $1).map { try VenueFault($0) }
        },
    ]

    /// Settings of parts that this version does not have: checked by name only, and said.
    private static let later: [Setting] = [
        "BACKEND_URL", "UPDATE_SPEED", "ALERT_THRESHOLD", "ROLLING_WINDOW_SECONDS", "PARQUET_DIR",
        "LIVE_STREAM_ENABLED", "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_DB", "POSTGRES_USER",
        "POSTGRES_PASSWORD", "REDIS_HOST", "REDIS_PORT", "KAFKA_ENABLED",
        "KAFKA_BOOTSTRAP_SERVERS", "METRICS_PORT",
    ].map { name in
        Setting(name, "", "Of a part that this version does not have.") { settings, _ in
            settings.unused.append(name)
        }
    }
}
