/// Why a WebSocket ends (RFC 6455, section 7.4, and the registry of codes).
enum CloseCode {
    static let normal: UInt16 = 1000
    static let goingAway: UInt16 = 1001
    static let protocolError: UInt16 = 1002
    static let notUTF8: UInt16 = 1007
    static let policy: UInt16 = 1008
    static let tooLarge: UInt16 = 1009
    static let internalError: UInt16 = 1011
    static let serviceRestart: UInt16 = 1012
    static let tryAgainLater: UInt16 = 1013

    /// Whether a peer may send this code: registered ones that stand for something said, and
    /// those of libraries and applications.
    static func maySend(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
