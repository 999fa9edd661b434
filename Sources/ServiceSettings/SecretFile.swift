// Reads a secret from a file, as orchestrators mount them.
internal import Foundation

enum SecretFile {
    /// Long enough for a certificate chain.
    static let largestSize = 64 << 10

    /// The whole file without the line ends at its end.
    static func read(_ path: String) -> Result<String, SettingRefusal> {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let why = FileManager.default.fileExists(atPath: path) ? "may not be read" : "does not exist"
            return .failure(SettingRefusal(reason: "the file \(path) \(why)"))
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: largestSize + 1) else {
            return .failure(SettingRefusal(reason: "the file \(path) cannot be read or is empty"))
        }
        guard data.count <= largestSize else {
            return .failure(SettingRefusal(reason: "the file \(path) is larger than 64 KiB and so no secret"))
        }
        guard var text = String(validating: data, as: UTF8.self) else {
            return .failure(SettingRefusal(reason: "the file \(path) is not UTF-8"))
        }
        while text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty, !text.utf8.contains(0) else {
            return .failure(SettingRefusal(reason: "the file \(path) is empty or holds a NUL"))
        }
        return .success(text)
    }
}
