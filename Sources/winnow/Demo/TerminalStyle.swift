// How text looks on a terminal, and how wide it is there. Knows escape sequences; prints nothing itself.
import Foundation

struct TerminalStyle: Sendable {
    let isStyled: Bool

    /// `auto` styles where the output is a terminal and NO_COLOR is not set.
    init(_ choice: ColorChoice, descriptor: Int32) {
        isStyled =
            switch choice {
            case .always: true
            case .never: false
            case .auto: isatty(descriptor) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
            }
    }

    func bold(_ text: String) -> String { sequence(1, text) }
    func dim(_ text: String) -> String { sequence(2, text) }
    func underlined(_ text: String) -> String { sequence(4, text) }
    func green(_ text: String) -> String { sequence(32, text) }
    func red(_ text: String) -> String { sequence(31, text) }

    /// Struck out, between tildes where nothing can be struck.
    func struck(_ text: String) -> String { isStyled ? "\u{1B}[9;2m\(text)\u{1B}[0m" : "~~\(text)~~" }

    private func sequence(_ code: Int, _ text: String) -> String {
        isStyled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Posts are strangers' text: whatever a terminal could obey is replaced by a dot, line ends by a space.
    static func harmless(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A, 0x0D, 0x09, 0x2028, 0x2029: scalars.append(" ")
            case 0 ..< 0x20, 0x7F ... 0x9F, 0x202A ... 0x202E, 0x2066 ... 0x2069: scalars.append("·")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// Columns a text takes: two for wide characters, none for marks that sit on the character before.
    static func width(_ text: String) -> Int {
        text.reduce(0) { width, character in
            width + min(2, character.unicodeScalars.reduce(0) { max($0, columns($1)) })
        }
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return scalar.value == 0xFE0F ? 2 : 0
        default: break
        }
        let wide: [ClosedRange<UInt32>] = [
            0x1100 ... 0x115F, 0x2E80 ... 0x303E, 0x3041 ... 0xA4CF, 0xAC00 ... 0xD7A3, 0xF900 ... 0xFAFF,
            0xFE30 ... 0xFE6F, 0xFF00 ... 0xFF60, 0xFFE0 ... 0xFFE6, 0x1F300 ... 0x1FAFF, 0x20000 ... 0x3FFFD,
        ]
        return wide.contains { $0.contains(scalar.value) } || scalar.properties.isEmojiPresentation ? 2 : 1
    }
}
