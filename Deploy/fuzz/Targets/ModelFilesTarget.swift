// The files of a model folder, which come from elsewhere: each reader refuses with a sentence or gives what it says.
import Foundation
import ModelFiles
import Tokenization

enum ModelFilesTarget {
    /// The first byte chooses the reader, the rest is the file.
    static func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let choice = bytes.first else { return }
        let file = Array(bytes.dropFirst())
        switch choice % 5 {
        case 0: readWeights(file)
        case 1: readConfiguration(file)
        case 2: readCharacterMap(file)
        case 3: _ = try? TokenizerFile.read(json: file, maximumTokens: 32).tokenize("a post, @user")
        default:
            _ = try? TokenizerFile.read(file, name: "vocab.txt", lowercases: true, maximumTokens: 32).tokenize("a post")
        }
    }

    /// The one binary part of a tokenizer.json, in a file that is in order otherwise.
    private static func readCharacterMap(_ map: [UInt8]) {
        let json = """
            {"normalizer":{"type":"Sequence","normalizers":[\
            {"type":"Precompiled","precompiled_charsmap":"\(Data(map).base64EncodedString())"},\
            {"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]},\
            "pre_tokenizer":{"type":"Metaspace","replacement":"▁","add_prefix_space":true},\
            "model":{"type":"Unigram","unk_id":3,"vocab":[["<s>",0.5],["<pad>",0.5],["</s>",0.5],["<unk>",0.5],["▁",-2.5],\
            ["a",-3.5],["▁a",-1.5]]}}
            """
        guard let tokenizer = try? TokenizerFile.read(json: Array(json.utf8), maximumTokens: 32) else { return }
        let text = "a ab é \u{301} ＡＢ 日本 😀\u{200D}😀"
        let tokenized = tokenizer.tokenize(text)
        precondition(tokenized.codePointCount == text.unicodeScalars.count)
    }

    private static func readWeights(_ file: [UInt8]) {
        guard let weights = try? SafetensorsFile(bytes: file, source: "fuzz") else { return }
        for (name, tensor) in weights.tensors {
            guard let values = try? weights.floats(name, shape: tensor.shape) else { continue }
            precondition(values.count == tensor.elementCount)
        }
    }

    private static func readConfiguration(_ file: [UInt8]) {
        guard let configuration = try? ModelConfiguration(json: file, source: "fuzz") else { return }
        precondition(configuration.tokenizer.maximumTokens >= 3, "a tokenizer takes no fewer")
        for parameter in configuration.parameters {
            precondition(parameter.shape.allSatisfy { $0 > 0 }, "a parameter has a shape")
        }
        guard let written = try? configuration.json() else { preconditionFailure("what was read can be written") }
        precondition((try? ModelConfiguration(json: written, source: "fuzz")) != nil, "what was written can be read")
    }
}
