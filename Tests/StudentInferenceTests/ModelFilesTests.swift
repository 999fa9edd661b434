// Model files: what is written reads back, and hostile files are refused with one sentence.
import Foundation
import ModelFiles
import StudentInference
import TensorKernels
import Testing

@Suite struct ModelFilesTests {
    private func temporaryFolder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("winnow-models-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    private func container(_ header: String, data: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        do {
            let file = try SafetensorsFile(bytes: bytes, source: "model.safetensors")
            _ = try file.floats("x", shape: [2])
            return nil
        } catch {
            return error.description
        }
    }

    @Test func hostileContainersAreRefusedWithOneSentence() {
        let good = #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
        #expect(refusal(container(good, data: [0, 0, 128, 63, 0, 0, 0, 64])) == nil)
        func single(_ dtype: String, _ shape: String, _ offsets: String, _ count: Int, name: String = "x") -> [UInt8] {
            let header = #"{"\#(name)":{"dtype":"\#(dtype)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}}"#
            return container(header, data: [UInt8](repeating: 0, count: count))
        }
        let many = String(repeating: "[", count: 100_000)
        let cases: [(String, [UInt8])] = [
            ("empty", []), ("short", [1, 2, 3]),
            ("huge header", [255, 255, 255, 255, 255, 255, 255, 255, 123, 125]),
            ("header beyond the file", container(good, data: []).dropLast(10) + []),
            ("no JSON", container("not json at all!", data: [0, 0, 0, 0])),
            ("deep JSON", container(many, data: [])),
            ("truncated data", container(good, data: [0, 0, 128, 63])),
            ("trailing bytes", container(good, data: [UInt8](repeating: 0, count: 12))),
            ("NaN", container(good, data: [0, 0, 192, 127, 0, 0, 0, 0])),
            ("infinity", container(good, data: [0, 0, 128, 127, 0, 0, 0, 0])),
            ("wrong shape", single("F32", "3", "0,12", 12)), ("missing", single("F32", "2", "0,8", 8, name: "y")),
            ("negative", single("F32", "-2", "0,8", 8)), ("backwards", single("F32", "2", "8,0", 8)),
            ("overflow", single("F32", "4611686018427387904,4", "0,8", 8)),
            ("unknown dtype", single("F8", "2", "0,2", 2)), ("I8 without scales", single("I8", "2", "0,2", 2)),
            ("4 bits without rows", single("U8", "1", "0,1", 1)),
            ("no bytes, no end", single("U8", "0,9223372036854775807", "0,0", 0)),
            ("gap", single("F32", "2", "4,12", 12)),
            ("overlap", container(
                #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
                    + #""y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
                data: [UInt8](repeating: 0, count: 12))),
        ]
        for (name, bytes) in cases {
            let sentence = refusal(bytes)
            let isOneSentence = sentence?.hasSuffix(".") == true && sentence?.contains("\n") == false
            #expect(isOneSentence, "\(name): \(sentence ?? "accepted")")
        }
    }

    @Test func everyMutationOfAFileIsReadOrRefused() throws {
        let bytes = try FileBytes.read(Golden.tinyFolder + "/model.safetensors", what: "weights", limit: 1 << 24)
        var state: UInt64 = 11
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0...next(3) { changed[next(6000)] = UInt8(next(256)) }
            if next(4) == 0 { changed.removeLast(next(changed.count)) }
            guard let file = try? SafetensorsFile(bytes: changed, source: "changed") else { continue }
            for (name, tensor) in file.tensors { _ = try? file.floats(name, shape: tensor.shape) }
        }
    }

    @Test(arguments: zip(ModelQuantizer.Precision.allCases, [Float(0), 0.002, 0.006, 0.006, 0.08]))
    func storagesReadBackWithinTheirRounding(precision: ModelQuantizer.Precision, bound: Float) throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let source = try ModelFolder(path: Golden.tinyFolder)
        try ModelQuantizer.quantize(source, to: folder + "/small", precision: precision)
        let written = try ModelFolder(path: folder + "/small")
        #expect(written.configuration == source.configuration && written.vocabulary == source.vocabulary)
        for parameter in source.configuration.parameters {
            let before = try source.floats(parameter.name, shape: parameter.shape).values
            let after = try written.floats(parameter.name, shape: parameter.shape).values
            let scale = before.map { abs($0) }.max() ?? 0
            #expect(Golden.difference(before, after) <= bound * max(scale, 0.1), "\(parameter.name)")
        }
    }

    private func folder(wordTable: [Float], in place: String) throws -> ModelFolder {
        let source = try ModelFolder(path: Golden.tinyFolder)
        try ModelFolder.write(
            path: place, configuration: source.configuration, vocabulary: source.vocabulary, storage: { _ in .float32 },
            values: { parameter throws(ModelFileFault) in
                parameter.isWordTable ? FloatStorage(wordTable) : try source.floats(parameter.name, shape: parameter.shape)
            })
        return try ModelFolder(path: place)
    }

    /// A table that went through 4 bits before loses nothing by it: scales of either sign, blocks of zeros, large and tiny
    /// numbers; and neither does what was written so and is written again.
    @Test func fourBitsAreExactForWhatWasRoundedToFourBits() throws {
        let place = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let parameter = try #require(ModelFolder(path: Golden.tinyFolder).configuration.parameters.first { $0.isWordTable })
        let scales: [Float] = [0.015625, -0.0107421875, 0, 1024, -0x1p-24, 0.75]
        let values = (0..<parameter.shape.reduce(1, *)).map { index -> Float in
            let code = index % 32 == 5 ? -8 : (index * 7 + index / 32 * 3) % 16 - 8
            return Float(code) * scales[index / 32 % scales.count]
        }
        let source = try folder(wordTable: values, in: place + "/source")
        try ModelQuantizer.quantize(source, to: place + "/small", precision: .int4Words)
        let small = try ModelFolder(path: place + "/small")
        #expect(small.weights.tensors[parameter.name]?.type == .packedInt4)
        #expect(try small.floats(parameter.name, shape: parameter.shape).values == values)
        try ModelQuantizer.quantize(small, to: place + "/again", precision: .int4Words)
        #expect(try ModelFolder(path: place + "/again").floats(parameter.name, shape: parameter.shape).values == values)
    }

    /// No value of a block moves by more than half a step of its scale, and a step is a seventh or an eighth of the largest.
    @Test func fourBitsMoveAValueByLessThanOneStep() throws {
        let place = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let parameter = try #require(ModelFolder(path: Golden.tinyFolder).configuration.parameters.first { $0.isWordTable })
        let values = (0..<parameter.shape.reduce(1, *)).map { index -> Float in
            let wave: Double = sin(Double(index * index))
            return Float(wave) * Float(index % 320 + 1)
        }
        try ModelQuantizer.quantize(folder(wordTable: values, in: place + "/source"), to: place + "/small", precision: .int4Words)
        let after = try ModelFolder(path: place + "/small").floats(parameter.name, shape: parameter.shape).values
        for start in stride(from: 0, to: values.count, by: 32) {
            let block = start..<start + 32
            let largest = block.map { abs(values[$0]) }.max() ?? 0
            #expect(block.allSatisfy { abs(values[$0] - after[$0]) <= largest / 7 })
            var error: Float = 0, size: Float = 0
            for index in block {
                let moved = values[index] - after[index]
                error += moved * moved
                size += values[index] * values[index]
            }
            #expect(error <= 0.02 * size, "block at \(start)")
        }
    }

    @Test func halfPrecisionRoundTrips() {
        for bits in UInt16.min...UInt16.max where bits & 0x7C00 != 0x7C00 {
            #expect(HalfPrecision.half(from: HalfPrecision.float(fromHalf: bits)) == bits)
        }
        #expect(HalfPrecision.float(fromHalf: 0x3C01) == 1 + 0x1p-10)
        #expect(HalfPrecision.half(from: 1 + 0x1p-11) == 0x3C00)
        #expect(HalfPrecision.half(from: 65_519) == 0x7BFF && HalfPrecision.half(from: 65_520) == 0x7C00)
    }

    @Test func hashesEqualThePublishedOnes() {
        #expect(SHA256.hexadecimal([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hexadecimal(Array("abc".utf8))
            == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hexadecimal([UInt8](repeating: 97, count: 1_000_000))
            == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func configurationsOutOfBoundsAreRefused() throws {
        let good = try FileBytes.read(Golden.tinyFolder + "/config.json", what: "configuration", limit: 1 << 20)
        let text = String(decoding: good, as: UTF8.self)
        _ = try ModelConfiguration(json: good, source: "config.json")
        for (from, to) in [
            (#""width": 32"#, #""width": 33"#), (#""heads": 4"#, #""heads": 0"#),
            (#""layers": 2"#, #""layers": 1000000"#), (#""positions": 160"#, #""positions": 100"#),
            (#""B-person""#, #""X-person""#), (#""format": 1"#, #""format": 9"#),
            (#""vocab.txt""#, #""../vocab.txt""#), (#""temperature": 1.5"#, #""temperature": 0"#),
            (#""kind": "classes""#, #""kind": "guess""#), (#""name": "topic""#, #""name": "sentiment""#),
        ] {
            let changed = text.replacingOccurrences(of: from, with: to)
            #expect(changed != text)
            #expect(throws: ModelFileFault.self, "\(to)") {
                try ModelConfiguration(json: Array(changed.utf8), source: "config.json")
            }
        }
    }

    @Test func theFinderSaysWhereItLooked() throws {
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func finder(_ environment: [String: String]) -> ModelFinder {
            ModelFinder(environment: environment, executable: folder + "/bin/winnow", workingDirectory: folder)
        }
        let fault = #expect(throws: ModelFileFault.self) { try finder(["WINNOW_HOME": folder + "/own"]).find(nil) }
        #expect(fault?.description.contains(folder + "/own/models/\(ModelFinder.defaultName)") == true)
        #expect(fault?.description.contains(folder + "/share/winnow/models/\(ModelFinder.defaultName)") == true)
        let installed = folder + "/share/winnow/models"
        try FileManager.default.createDirectory(atPath: installed, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Golden.tinyFolder, toPath: installed + "/tiny")
        #expect(try finder([:]).find("tiny") == installed + "/tiny")
        #expect(throws: ModelFileFault.self) { try finder([:]).find("") }
        #expect(throws: ModelFileFault.self) { try finder([:]).find(folder + "/no") }
        #expect(try finder([:]).find(Golden.tinyFolder) == Golden.tinyFolder)
    }
}
