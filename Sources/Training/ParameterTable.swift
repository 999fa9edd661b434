// The one table of all trained parameters: name, shape, place. Forward, backward, optimiser, checkpoint and
// export read it, so that no second list can disagree with it. Holds no numbers itself.

package struct ParameterEntry: Sendable, Equatable {
    /// The name in the model's file.
    package let name: String
    /// Row-major; matrices are (out, in).
    package let shape: [Int]
    /// First float in the block of parameters.
    package let offset: Int
    /// Whether weight decay applies: matrices yes; biases and norms no.
    package let decays: Bool
    /// Factor on the learning rate; 0 leaves the parameter as it is.
    package let rateFactor: Float

    package var count: Int { shape.reduce(1, *) }
}

package struct ParameterTable: Sendable {
    package private(set) var entries: [ParameterEntry] = []
    package private(set) var count = 0
    private var indexOfName: [String: Int] = [:]

    package init() {}

    /// Appends a parameter directly behind the last one and returns its offset. Names are unique: a second one
    /// traps.
    package mutating func add(_ name: String, _ shape: [Int], decays: Bool, rateFactor: Float) -> Int {
        precondition(indexOfName[name] == nil, "parameter \(name) is in the table twice")
        indexOfName[name] = entries.count
        let entry = ParameterEntry(name: name, shape: shape, offset: count, decays: decays, rateFactor: rateFactor)
        entries.append(entry)
        count += entry.count
        return entry.offset
    }

    package subscript(name: String) -> ParameterEntry? { indexOfName[name].map { entries[$0] } }
}
