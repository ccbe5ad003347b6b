/// Every bound of the engine in one place. A number here is part of the contract
/// (`docs/determinism.md`); an input beyond it is refused, never cut silently.
public enum Limits {
    /// Instrument definitions.
    public static var instrumentsMax: Int { 1_000 }
    /// Connections.
    public static var connectionsMax: Int { 4_096 }
    /// Books (instrument as seen through a connection).
    public static var booksMax: Int { 4_096 }
    /// Levels a side of a book.
    public static var levelsPerSideMax: Int { 65_536 }
    /// Price windows a symbol.
    public static var windowsMax: Int { 16 }
    /// Venues in a frame.
    public static var venuesPerFrameMax: Int { 16 }
    /// Explicit routing groups.
    public static var groupsMax: Int { 256 }
    /// Bytes of a symbol, a name or another short text.
    public static var textBytesMax: Int { 128 }
    /// Bytes of an asset's name, and of the suffix of an instrument's id.
    public static var assetBytesMax: Int { 48 }
    /// Bytes kept of a rejected message.
    public static var rejectedBytesMax: Int { 1_024 }
    /// Events in one block.
    public static var eventsPerBlockMax: Int { 65_536 }
    /// Levels in one block.
    public static var levelsPerBlockMax: Int { 1_048_576 }
    /// Raw bytes of one block.
    public static var blockBytesMax: Int { 8 << 20 }
    /// Ticks a second.
    public static var tickHzMax: UInt32 { 10 }
    /// Price mantissa times size mantissa of one level stays below 2^100.
    static var notionalBits: Int { 100 }
}
