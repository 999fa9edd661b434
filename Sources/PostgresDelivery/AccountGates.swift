// Which advisory locks a delivery needs, so that a purge and a create of one account never run at the same time.
// Buckets of a hash instead of one lock an account: the server's lock table stays small however large a batch is.

struct AccountGates {
    /// The same in every version and instance: two of them must agree on the bucket of an account.
    static let bucketCount: UInt64 = 128

    private var isExclusive: [Int32: Bool] = [:]

    /// FNV-1a, 64 bits (Fowler, Noll, Vo), over platform, a zero byte and the account.
    static func bucket(platform: String, account: String) -> Int32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        for byte in platform.utf8 { mix(byte) }
        mix(0)
        for byte in account.utf8 { mix(byte) }
        return Int32((hash ^ (hash >> 32)) % bucketCount)
    }

    /// A create or edit of a post by this account.
    mutating func share(platform: String, account: String) {
        let bucket = Self.bucket(platform: platform, account: account)
        if isExclusive[bucket] == nil { isExclusive[bucket] = false }
    }

    /// A purge of this account.
    mutating func exclude(platform: String, account: String) {
        isExclusive[Self.bucket(platform: platform, account: account)] = true
    }

    /// Ascending, as every delivery takes them in this order.
    var locks: [(bucket: Int32, isExclusive: Bool)] {
        isExclusive.map { (bucket: $0.key, isExclusive: $0.value) }.sorted { $0.bucket < $1.bucket }
    }
}
