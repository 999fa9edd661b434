// What the registry was asked, for metrics. Numbers only: neither schemas nor payloads.

package struct RegistryActivity: Sendable, Equatable {
    /// What came of asking for one schema, what it refers to included.
    package enum Result: String, Sendable, CaseIterable {
        case usable
        /// The registry's own word: it has no such schema.
        case unknown
        /// It is malformed, of an unknown type, or refers to what is not there.
        case unusable
        /// The registry gave no usable answer; it is asked again.
        case unavailable
    }

    package var requests: [Result: Int] = [:]
    /// Payloads whose schema was known.
    package var cacheHits = 0
    /// Workers that wait for the registry now.
    package var waiting = 0
    package var cachedSchemas = 0

    package init() {}
}

extension SchemaCache.Entry {
    var result: RegistryActivity.Result {
        switch self {
        case .usable: .usable
        case .unknown: .unknown
        case .unusable: .unusable
        }
    }
}
