// Which script a letter belongs to, as coarsely as languages are told apart by it. From the blocks of the Unicode standard.

package struct WritingSystem: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let latin = WritingSystem(rawValue: 1 << 0)
    package static let greek = WritingSystem(rawValue: 1 << 1)
    package static let cyrillic = WritingSystem(rawValue: 1 << 2)
    package static let armenian = WritingSystem(rawValue: 1 << 3)
    package static let hebrew = WritingSystem(rawValue: 1 << 4)
    package static let arabic = WritingSystem(rawValue: 1 << 5)
    package static let syriac = WritingSystem(rawValue: 1 << 6)
    package static let thaana = WritingSystem(rawValue: 1 << 7)
    package static let devanagari = WritingSystem(rawValue: 1 << 8)
    package static let bengali = WritingSystem(rawValue: 1 << 9)
    package static let gurmukhi = WritingSystem(rawValue: 1 << 10)
    package static let gujarati = WritingSystem(rawValue: 1 << 11)
    package static let odia = WritingSystem(rawValue: 1 << 12)
    package static let tamil = WritingSystem(rawValue: 1 << 13)
    package static let telugu = WritingSystem(rawValue: 1 << 14)
    package static let kannada = WritingSystem(rawValue: 1 << 15)
    package static let malayalam = WritingSystem(rawValue: 1 << 16)
    package static let sinhala = WritingSystem(rawValue: 1 << 17)
    package static let thai = WritingSystem(rawValue: 1 << 18)
    package static let lao = WritingSystem(rawValue: 1 << 19)
    package static let tibetan = WritingSystem(rawValue: 1 << 20)
    package static let burmese = WritingSystem(rawValue: 1 << 21)
    package static let georgian = WritingSystem(rawValue: 1 << 22)
    package static let hangul = WritingSystem(rawValue: 1 << 23)
    package static let ethiopic = WritingSystem(rawValue: 1 << 24)
    package static let khmer = WritingSystem(rawValue: 1 << 25)
    package static let kana = WritingSystem(rawValue: 1 << 26)
    package static let han = WritingSystem(rawValue: 1 << 27)
    package static let other = WritingSystem(rawValue: 1 << 28)

    /// Position of a single system in a table of counts.
    var place: Int { rawValue.trailingZeroBitCount }
    static let placeCount = 29

    /// First and last code point of the blocks, ascending. What lies between them is no letter of these systems.
    private static let blocks: [(first: UInt32, last: UInt32, system: WritingSystem)] = [
        (0x00C0, 0x024F, .latin), (0x0250, 0x02AF, .latin), (0x0370, 0x03FF, .greek), (0x0400, 0x052F, .cyrillic),
        (0x0531, 0x0587, .armenian), (0x05D0, 0x05F2, .hebrew), (0x0620, 0x064A, .arabic), (0x066E, 0x06FC, .arabic),
        (0x0700, 0x074F, .syriac), (0x0750, 0x077F, .arabic), (0x0780, 0x07BF, .thaana), (0x08A0, 0x08FF, .arabic),
        (0x0900, 0x097F, .devanagari), (0x0980, 0x09FF, .bengali), (0x0A00, 0x0A7F, .gurmukhi),
        (0x0A80, 0x0AFF, .gujarati), (0x0B00, 0x0B7F, .odia), (0x0B80, 0x0BFF, .tamil), (0x0C00, 0x0C7F, .telugu),
        (0x0C80, 0x0CFF, .kannada), (0x0D00, 0x0D7F, .malayalam), (0x0D80, 0x0DFF, .sinhala), (0x0E00, 0x0E7F, .thai),
        (0x0E80, 0x0EFF, .lao), (0x0F00, 0x0FFF, .tibetan), (0x1000, 0x109F, .burmese), (0x10A0, 0x10FF, .georgian),
        (0x1100, 0x11FF, .hangul), (0x1200, 0x139F, .ethiopic), (0x13A0, 0x177F, .other), (0x1780, 0x17FF, .khmer),
        (0x1800, 0x1C7F, .other), (0x1C80, 0x1C8F, .cyrillic), (0x1C90, 0x1CBF, .georgian), (0x1E00, 0x1EFF, .latin),
        (0x1F00, 0x1FFF, .greek), (0x2C00, 0x2C5F, .other), (0x2C60, 0x2C7F, .latin), (0x2D00, 0x2D2F, .georgian),
        (0x2D30, 0x2D7F, .other), (0x2D80, 0x2DDF, .ethiopic), (0x2DE0, 0x2DFF, .cyrillic), (0x3041, 0x3096, .kana),
        (0x309D, 0x309F, .kana), (0x30A1, 0x30FA, .kana), (0x30FC, 0x30FF, .kana), (0x3105, 0x312F, .other),
        (0x3131, 0x318E, .hangul), (0x31F0, 0x31FF, .kana), (0x3400, 0x4DBF, .han), (0x4E00, 0x9FFF, .han),
        (0xA000, 0xA4CF, .other), (0xA640, 0xA69F, .cyrillic), (0xA720, 0xA7FF, .latin), (0xA960, 0xA97F, .hangul),
        (0xAB30, 0xAB6F, .latin), (0xAC00, 0xD7A3, .hangul), (0xF900, 0xFAFF, .han), (0xFB00, 0xFB06, .latin),
        (0xFB13, 0xFB17, .armenian), (0xFB1D, 0xFB4F, .hebrew), (0xFB50, 0xFDC7, .arabic), (0xFDF0, 0xFDFB, .arabic),
        (0xFE70, 0xFEFC, .arabic), (0xFF21, 0xFF3A, .latin), (0xFF41, 0xFF5A, .latin), (0xFF66, 0xFF9D, .kana),
        (0xFFA0, 0xFFDC, .hangul), (0x20000, 0x323AF, .han),
    ]

    /// Nil for what is no letter: digits, marks, emoji, controls.
    package init?(of scalar: UInt32) {
        if scalar < 0x80 {
            guard (0x61...0x7A).contains(scalar | 0x20) else { return nil }
            self = .latin
            return
        }
        var low = 0
        var high = Self.blocks.count
        while low < high {
            let middle = (low + high) / 2
            if Self.blocks[middle].last < scalar { low = middle + 1 } else { high = middle }
        }
        guard low < Self.blocks.count, Self.blocks[low].first <= scalar, scalar != 0xD7, scalar != 0xF7 else { return nil }
        self = Self.blocks[low].system
    }
}
