// Whole files in and out of memory: read with a bound, written beside the target and renamed. No format knowledge.
internal import Foundation

package enum FileBytes {
    /// The file's bytes. `what` names the file's role in the error.
    package static func read(_ path: String, what: String, limit: Int) throws(ModelFileFault) -> [UInt8] {
        // Not blocking: a pipe in place of a file is refused below instead of waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ModelFileFault("The \(what) \(path) cannot be opened: \(reason(errno)).")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ModelFileFault("The \(what) \(path) is not a regular file.")
        }
        let size = Int(status.st_size)
        guard size <= limit else {
            throw ModelFileFault("The \(what) \(path) has \(size) bytes; the most is \(limit).")
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Foundation.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if got > 0 { count += got } else if got == 0 { break } else if errno != EINTR {
                    failure = errno
                    break
                }
            }
        }
        guard failure == 0 else { throw ModelFileFault("The \(what) \(path) cannot be read: \(reason(failure)).") }
        guard bytes.count == size else { throw ModelFileFault("The \(what) \(path) became shorter while it was read.") }
        return bytes
    }

    /// Writes to a temporary file in the same folder, syncs, renames over `path`, syncs the folder: a reader sees the
    /// old file or the whole new one.
    package static func replace(_ path: String, with parts: [[UInt8]]) throws(ModelFileFault) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ModelFileFault("\(temporary) cannot be created: \(reason(errno)).") }
        var failure: Int32 = 0
        for part in parts where failure == 0 { failure = write(part, to: descriptor) }
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(temporary)
            throw ModelFileFault("\(path) cannot be written: \(reason(failure)).")
        }
        let folder = open((path as NSString).deletingLastPathComponent + "/.", O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            // A file system that cannot sync a folder has still renamed the file.
            _ = fsync(folder)
            close(folder)
        }
    }

    package static func makeFolder(_ path: String) throws(ModelFileFault) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ModelFileFault("The folder \(path) cannot be created: check the path and its permissions.")
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Foundation.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count > 0 { done += count } else if errno != EINTR { return errno }
            }
            return 0
        }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
