/// Parameters of a URL or path.
enum QueryText {
    /// The value of `name` behind `?` or `&`.
    static func value(_ name: StaticString, in url: Bytes) -> Bytes? {
        var at = 0
        while let found = ByteText.find(name, in: url, from: at) {
            let end = found + name.utf8CodeUnitCount
            let isStart = found > 0 && (url[found - 1] == 0x3f || url[found - 1] == 0x26)
            if isStart, end < url.count, url[end] == 0x3d {
                let stop = ByteText.find(0x26, in: url, from: end) ?? url.count
                return stop > end + 1 ? ByteText.slice(url, end + 1, stop) : nil
            }
            at = found + 1
        }
        return nil
    }
}
