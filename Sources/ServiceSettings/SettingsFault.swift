// What is wrong with settings, said so that a person can mend all of it in one go.

/// One thing that is wrong.
package struct SettingsFault: Sendable, Equatable, CustomStringConvertible {
    /// Where it was written: `winnow.yaml:12:5`, an environment variable, a flag.
    package let place: String
    /// What is wrong and what to do. Never quotes a secret.
    package let sentence: String

    package var description: String { "\(place): \(sentence)" }
}

/// Why there are no settings: every fault that was found, not only the first.
package struct SettingsFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let faults: [SettingsFault]

    package var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// Why one value was refused: the rest of a sentence that begins with the key.
struct SettingRefusal: Error {
    let reason: String
}
