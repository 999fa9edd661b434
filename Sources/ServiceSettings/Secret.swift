// Texts that must not be printed. Nothing but `reveal()` gives the content away: not print, dump or interpolation.

package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package static let mask = "***"
    private let content: String

    package init(_ content: String) { self.content = content }

    /// The content, for the library that needs it.
    package func reveal() -> String { content }

    package var description: String { Secret.mask }
    package var debugDescription: String { Secret.mask }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
