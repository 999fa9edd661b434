// Texts that are names, compared as Kafka and PostgreSQL compare them: byte by byte.

/// Swift takes two texts for equal that Unicode calls canonically equivalent, as `é` in one code point and in two. Ids are not
/// texts to be read: two that differ in a byte name two things.
package struct ExactText: Hashable, Comparable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    package static func < (left: Self, right: Self) -> Bool { left.text.utf8.lexicographicallyPrecedes(right.text.utf8) }

    package func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
        // Ends the text, so that two in a row cannot be cut elsewhere.
        hasher.combine(UInt8(0xff))
    }
}
