// The metrics of the schema registry.
import Observability
import RegistryFormats

extension StreamTelemetry {
    /// Called from time to time: nothing is counted a record.
    func report(_ now: RegistryActivity, since before: inout RegistryActivity) {
        for result in RegistryActivity.Result.allCases {
            registry.add((now.requests[result] ?? 0) - (before.requests[result] ?? 0), to: .schemaRequests, result.rawValue)
        }
        registry.add(now.cacheHits - before.cacheHits, to: .schemaCacheHits)
        registry.set(Double(now.waiting), .schemaWaits)
        registry.set(Double(now.cachedSchemas), .schemasCached)
        before = now
    }
}
