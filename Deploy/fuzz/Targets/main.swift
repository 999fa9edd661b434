// The fuzzer's program: `winnow-fuzz TARGET [libFuzzer's own arguments]`. See Deploy/fuzz/README.md.
import CFuzzDriver
import Foundation

/// A target reads any bytes at all and traps where a promise is broken; coming back is all that is asked of it.
typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: start, count: count)
}

let targets: [String: Target] = [
    "decoder": { start, count in
        DecoderTarget.run(bytes(start, count))
        return 0
    },
    "tokenizer": { start, count in
        TokenizerTarget.run(bytes(start, count))
        return 0
    },
    "model": { start, count in
        ModelFilesTarget.run(bytes(start, count))
        return 0
    },
    "settings": { start, count in
        SettingsTarget.run(bytes(start, count))
        return 0
    },
]

guard CommandLine.arguments.count > 1, let target = targets[CommandLine.arguments[1]] else {
    print("The first argument must be a target: \(targets.keys.sorted().joined(separator: ", ")).")
    exit(2)
}
// libFuzzer reads the arguments after the target's name. The copies live as long as the process: so does its use of them.
var arguments: [UnsafeMutablePointer<CChar>?] =
    ([CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)).map { strdup($0) } + [nil]
var argumentCount = Int32(arguments.count - 1)
let status = arguments.withUnsafeMutableBufferPointer { buffer in
    var start = buffer.baseAddress
    return LLVMFuzzerRunDriver(&argumentCount, &start, target)
}
exit(status)
