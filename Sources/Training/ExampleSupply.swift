// What a run needs of its examples: how many readings an epoch has, in which order, and each of them. All follow from a seed,
// so that a resumed run reads the same.

package protocol ExampleSupply: Sendable {
    /// Readings in one epoch.
    var count: Int { get }
    /// The order of an epoch: a permutation of 0 ..< count.
    func order(epoch: Int) -> [Int]
    func example(_ reading: Int, epoch: Int) -> TrainingExample
}
