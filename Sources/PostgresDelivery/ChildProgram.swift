// Runs one program to its end, with its output in a file. Not Foundation's Process: that waits until every descendant
// has let go of a socket, and a server that the program leaves running never does.
internal import Foundation

enum ChildProgram {
    /// - Returns: the exit status; 128 + the signal where one ended it; nil where it could not be started.
    static func run(_ program: String, _ arguments: [String], output: String) -> Int32? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var list: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in list { free(pointer) } }
        var child = pid_t()
        guard posix_spawn(&child, program, &actions, nil, &list, environ) == 0 else { return nil }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
