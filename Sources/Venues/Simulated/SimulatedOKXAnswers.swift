/// The control messages of one connection to the simulated OKX.
struct SimulatedOKXAnswers: Sendable {
    /// Eight hexadecimal digits.
    private let connectionID: String

    init(connection: UInt64) {
        let digits = String(UInt32(truncatingIfNeeded: connection), radix: 16)
        connectionID = String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The acknowledgement of one argument.
    func acknowledgement(
        _ argument: SimulatedOKXArgument, of request: SimulatedOKXRequest
    ) -> [UInt8] {
        var text = open(request.isSubscription ? "subscribe" : "unsubscribe", request.id)
        text.add(",\"arg\":{\"channel\":")
        text.addQuoted(argument.channel)
        text.add(",\"instId\":")
        text.addQuoted(argument.instID)
        text.add("}")
        return close(text)
    }

    /// The refusal of a request; `message` is what the client sent.
    func refusal(
        _ refusal: SimulatedOKXRefusal, id: [UInt8], _ message: [UInt8]
    ) -> [UInt8] {
        var reason: [UInt8] = []
        switch refusal {
        case .invalidRequest, .invalidOperation: reason = ByteText.array("Invalid request: ")
        case .tooFrequent: reason = ByteText.array("Requests too frequent")
        case .unknownChannel(let argument):
            reason = ByteText.array("Wrong URL or channel:") + argument.channel
            reason += ByteText.array(",instId:") + argument.instID
            reason += ByteText.array(" doesn't exist")
        }
        // Only text can be repeated in text.
        let isEchoed = reason.last == 0x20 && message.count <= 1_024
        if isEchoed, String(validating: message, as: UTF8.self) != nil { reason += message }
        var text = open("error", id)
        text.add(",\"code\":\"")
        text.add(refusal.code)
        text.add("\",\"msg\":")
        text.addQuoted(reason)
        return close(text)
    }

    /// The venue is going to close the connection.
    func notice() -> [UInt8] {
        var text = open("notice", [])
        text.add(",\"code\":\"64008\",\"msg\":\"The connection will soon be closed for a service")
        text.add(" upgrade. Please reconnect.\"")
        return close(text)
    }

    private func open(_ event: StaticString, _ id: [UInt8]) -> SimulatedText {
        var text = SimulatedText("{")
        if !id.isEmpty {
            text.add("\"id\":")
            text.addQuoted(id)
            text.add(",")
        }
        text.add("\"event\":\"")
        text.add(event)
        text.add("\"")
        return text
    }

    private func close(_ text: SimulatedText) -> [UInt8] {
        var text = text
        text.add(",\"connId\":\"")
        text.add(connectionID)
        text.add("\"}")
        return text.bytes
    }
}
