// The state of a run on disk: step, parameters and moments, so that a resumed run goes on bit for bit. Written to
// a temporary file and renamed; a file of another run or of another length is refused.
package import Foundation

package struct Checkpoint: Sendable {
    /// What the run is: a resumed run must be the same one.
    package struct Identity: Codable, Sendable, Equatable {
        package var recipe: TrainingRecipe
        package var rowCount: Int
        package var totalSteps: Int
        package var workers: Int
        /// SHA-256 of the local teacher's weights.
        package var teacher: String?
    }

    private struct Header: Codable {
        var identity: Identity
        var step: Int
        var floatCount: Int
        var bestMean: Double
        var bestMeasurements: [String: Double]
    }

    /// What a run has to keep. The blocks are written and read in place.
    package struct State {
        package var step: Int
        package let parameters: FloatBlock
        package let optimiser: AdamW
        package let best: FloatBlock
        package let average: FloatBlock?
        package var bestMean: Double
        package var bestMeasurements: [String: Double]

        fileprivate var blocks: [FloatBlock] {
            [parameters, optimiser.first, optimiser.second, best] + (average.map { [$0] } ?? [])
        }
    }

    private static let magic = Data("WNWTRN01".utf8)

    package static func write(
        to url: URL, identity: Identity, state: State
    ) throws(TrainingFailure) {
        let temporary = url.appendingPathExtension("partial")
        do {
            let header = try JSONEncoder().encode(
                Header(
                    identity: identity, step: state.step, floatCount: state.parameters.count,
                    bestMean: state.bestMean, bestMeasurements: state.bestMeasurements))
            var length = UInt64(header.count).littleEndian
            let opening = magic + Data(bytes: &length, count: 8) + header
            try opening.write(to: temporary)
            let file = try FileHandle(forWritingTo: temporary)
            try file.seekToEnd()
            for block in state.blocks {
                try file.write(contentsOf: block.bytes)
            }
            try file.synchronize()
            try file.close()
            guard rename(temporary.path, url.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw TrainingFailure("The checkpoint \(url.path) cannot be written: check free space and permissions.")
        }
    }

    /// Loads the file into the blocks of `state` and sets its counts.
    package static func read(from url: URL, identity: Identity, into state: inout State) throws(TrainingFailure) {
        guard let data = try? Data(contentsOf: url, options: .alwaysMapped) else {
            throw TrainingFailure("The checkpoint \(url.path) cannot be read: start without --resume.")
        }
        let damaged = TrainingFailure("The checkpoint \(url.path) is damaged: delete it and start without --resume.")
        guard data.count >= 16, data.prefix(8) == magic else { throw damaged }
        let length = data.dropFirst(8).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(data.count - 16),
            let header = try? JSONDecoder().decode(Header.self, from: data.dropFirst(16).prefix(Int(length)))
        else { throw damaged }
        guard header.identity == identity, header.floatCount == state.parameters.count else {
            throw TrainingFailure(
                "The checkpoint \(url.path) belongs to another recipe, data or worker count: start without --resume.")
        }
        let floats = data.dropFirst(16 + Int(length))
        let byteCount = state.parameters.byteCount
        guard floats.count == state.blocks.count * byteCount else { throw damaged }
        for (index, block) in state.blocks.enumerated() {
            block.load(floats.dropFirst(index * byteCount).prefix(byteCount))
        }
        state.optimiser.stepsDone = header.step
        state.step = header.step
        state.bestMean = header.bestMean
        state.bestMeasurements = header.bestMeasurements
    }
}

extension FloatBlock {
    fileprivate var byteCount: Int { count * MemoryLayout<Float>.stride }

    /// The block's own memory, valid while the block lives: for writing at once.
    fileprivate var bytes: Data {
        Data(bytesNoCopy: UnsafeMutableRawPointer(pointer), count: byteCount, deallocator: .none)
    }

    fileprivate func load(_ data: Data) {
        _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(start: pointer, count: byteCount))
    }
}
