import Engine

extension Answer {
    /// `{"points":[…],"symbol","venue","step","source"}`: a stretch of the log, thinned to a point
    /// every `step` seconds; without `venue` where the points are of all venues.
    init(
        points: [[UInt8]], symbol: [UInt8], venue: Venue? = nil, step: Int, source: SessionSource
    ) {
        var json = JSONBytes()
        json.object { json in
            json.key("points")
            json.array { json in for point in points { json.raw(point) } }
            json.key("symbol")
            json.string(symbol)
            if let venue {
                json.key("venue")
                json.string("\(venue.id)")
            }
            json.key("step")
            json.number(step)
            json.key("source")
            json.string("\(source.word)")
        }
        self.init(json: json.bytes)
    }
}
