/// What opening a journal for writing found and did.
public struct RecoveryReport: Hashable, Sendable {
    /// A torn tail that was cut, or a segment that was torn while being made.
    public struct Cut: Hashable, Sendable {
        /// The segment's file name.
        public var segment: String
        /// Offset of the first byte that was cut.
        public var offset: Int
        /// Bytes that were cut, not counting zeros at the end of the file.
        public var bytes: Int
        /// Why the bytes there are no block.
        public var defect: Defect
        /// The file the cut bytes were copied to; nil when all of them were zero.
        public var copy: String?
        /// Whether the whole file was removed, since it never held a block.
        public var removedFile: Bool
    }

    /// Segments found in the folder.
    public var segments = 0
    /// Blocks of the unsealed segment whose chain values were derived anew.
    public var blocksChecked = 0
    /// Events in them.
    public var eventsChecked: UInt64 = 0
    /// What was cut; empty after an orderly end.
    public var cuts: [Cut] = []
    /// Unfinished files of an interrupted rewrite that were removed.
    public var temporariesRemoved: [String] = []
}
