import Engine
import Journal
import NIOPosix

/// `GET /api/status`: what runs here.
enum StatusRoute {
    static func route(_ services: FrontServices) -> Route {
        Route(
            path: "/api/status", summary: "What runs: versions, windows, venues, instruments.",
            statuses: [503]
        ) { _ in
            let (definitions, last) = try await services.ask { ($0.definitions, $0.sequence) }
            let directory = services.directory
            let oldest = try? await NIOThreadPool.singleton.runIfActive {
                try JournalReader(directory: directory).oldestSequence()
            }
            return Answer(json: encode(services, definitions, oldest.flatMap { $0 }, last))
        }
    }

    private static func encode(
        _ services: FrontServices, _ definitions: [InstrumentDefinition], _ oldest: UInt64?,
        _ last: UInt64
    ) -> [UInt8] {
        let status = services.live.status
        let configuration = services.configuration
        var json = JSONBytes()
        json.object { json in
            json.key("mode")
            json.string(configuration.mode)
            json.key("source")
            json.string("\(status.source.word)")
            json.key("version")
            json.string(configuration.version)
            json.key("engine_version")
            json.number(EngineConfiguration.currentVersion)
            json.key("tick_hz")
            json.number(status.tickHz)
            json.key("windows")
            json.array { json in for window in status.windowsBps { json.number(window) } }
            json.key("symbols")
            json.array { json in for symbol in status.symbols { json.string(symbol) } }
            json.key("venues")
            json.array { json in for feed in status.feeds { append(feed, &json) } }
            json.key("instruments")
            json.array { json in
                for definition in definitions { append(definition, &json) }
            }
            json.key("accepted_seq")
            json.number(max(last, services.acceptedSequence))
            json.key("durable_seq")
            json.number(status.durableSequence)
            json.key("oldest_seq")
            json.number(orNull: oldest)
            json.key("dashboard")
            json.string(orNull: configuration.dashboard)
        }
        return json.bytes
    }

    private static func append(_ feed: LiveStatus.Feed, _ json: inout JSONBytes) {
        json.object { json in
            json.key("name")
            json.string(feed.name)
            json.key("connection")
            json.string(feed.connection)
            json.key("held_back")
            json.bool(feed.isHeldBack)
            json.key("banned")
            json.bool(feed.isBanned)
            json.key("messages")
            json.number(feed.messages)
            json.key("rejected")
            json.number(feed.rejected)
            json.key("connects")
            json.number(feed.connects)
            json.key("clock_suspect")
            json.bool(feed.isClockSuspect)
            json.key("transport_ns")
            json.number(orNull: feed.transportNanos)
            json.key("books")
            json.array { json in
                for book in feed.books {
                    json.object { json in
                        json.key("symbol")
                        json.string(book.symbol)
                        json.key("validity")
                        json.string(book.validity)
                    }
                }
            }
        }
    }

    private static func append(_ definition: InstrumentDefinition, _ json: inout JSONBytes) {
        json.object { json in
            json.key("symbol")
            json.string(definition.canonicalID)
            json.key("venue")
            json.string("\(definition.venue.id)")
            json.key("venue_symbol")
            json.string(definition.venueSymbol)
            json.key("tick_size")
            // Where the venue's list was not seen, only the digits are known.
            if definition.tickSize.mantissa > 0 {
                var bytes: [UInt8] = []
                DecimalText.append(definition.tickSize, to: &bytes)
                json.raw(bytes)
            } else {
                json.null()
            }
            json.key("decimals")
            json.number(definition.tickDecimals)
        }
    }
}
