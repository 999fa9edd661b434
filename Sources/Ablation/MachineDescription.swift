// What a figure was measured on, in words that say nothing of whose machine it is.
internal import Foundation

extension AblationResult.Machine {
    static var own: AblationResult.Machine {
        let information = ProcessInfo.processInfo
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "arm64"
        #else
            let architecture = "other"
        #endif
        return AblationResult.Machine(
            processor: model.map { $0.trimmingCharacters(in: .whitespaces) } ?? architecture,
            cores: information.activeProcessorCount, gibibytes: Int((Double(information.physicalMemory) / 0x1p30).rounded()),
            system: "\(information.operatingSystemVersionString), \(architecture)")
    }
}
