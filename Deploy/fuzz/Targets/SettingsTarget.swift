// Settings files: a person's typing. Every fault is a sentence with its place.
import Posts
import ServiceSettings

enum SettingsTarget {
    static func run(_ bytes: UnsafeBufferPointer<UInt8>) {
        let yaml = SafeText.text(bytes, isEscaped: false)
        do {
            _ = try SettingsLoader.load(yaml: yaml, name: "fuzz.yaml")
        } catch {
            precondition(!error.description.isEmpty, "a refusal says why")
        }
    }
}
