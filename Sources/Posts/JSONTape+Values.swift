// Finding values in a tape and turning them into Swift values. An index is a node's; nil runs through all of it, so
// that a path can be written in one expression.

extension JSONTape {
    /// The document itself, if it is an object.
    var rootObject: Int? { nodes.count > root && nodes[root].kind == .object ? root : nil }

    func kind(_ index: Int?) -> JSONNode.Kind? { index.map { nodes[$0].kind } }

    /// The value of a member; of several with that name the last, as most readers do it.
    func member(_ name: StaticString, of index: Int?) -> Int? {
        member(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), of: index)
    }

    func member(_ name: UnsafeBufferPointer<UInt8>, of index: Int?) -> Int? {
        guard let index, nodes[index].kind == .object else { return nil }
        var found: Int?
        var child = index + 1
        let end = min(Int(nodes[index].next), nodes.count)
        // After a fault the last name may have no value.
        while child + 1 < end {
            if isName(nodes[child], name) { found = child + 1 }
            child = Int(nodes[child + 1].next)
        }
        return found
    }

    func element(_ place: Int, of index: Int?) -> Int? {
        guard let index, nodes[index].kind == .array, place >= 0 else { return nil }
        var child = index + 1
        var left = place
        let end = min(Int(nodes[index].next), nodes.count)
        while child < end {
            if left == 0 { return child }
            left -= 1
            child = Int(nodes[child].next)
        }
        return nil
    }

    private func isName(_ node: JSONNode, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = content(node)
        if !node.isEscaped { return raw.count == name.count && raw.elementsEqual(name) }
        return SafeText.text(raw, isEscaped: true).utf8.elementsEqual(name)
    }

    private func content(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[Int(node.start)..<Int(node.end)])
    }

    /// The bytes of a value as they stand in the document.
    func raw(_ index: Int) -> UnsafeBufferPointer<UInt8> { content(nodes[index]) }

    /// A string's text, made safe; nil for anything else.
    func text(_ index: Int?) -> String? {
        guard let index, nodes[index].kind == .string else { return nil }
        return SafeText.text(content(nodes[index]), isEscaped: nodes[index].isEscaped)
    }

    /// Whether a string is exactly `text`; cheaper than making one.
    func isText(_ index: Int?, _ text: StaticString) -> Bool {
        guard let index, nodes[index].kind == .string else { return false }
        return isName(nodes[index], UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// A whole number that fits; nil for anything else.
    func integer(_ index: Int?) -> Int64? {
        guard let index, nodes[index].kind == .number else { return nil }
        return Int64(String(decoding: content(nodes[index]), as: UTF8.self))
    }

    /// Any number, as near as a double comes; nil for anything else and where it would be infinite.
    func number(_ index: Int?) -> Double? {
        guard let index, nodes[index].kind == .number else { return nil }
        let value = Double(String(decoding: content(nodes[index]), as: UTF8.self))
        return value?.isFinite == true ? value : nil
    }

    func flag(_ index: Int?) -> Bool? {
        switch kind(index) {
        case .true_: true
        case .false_: false
        default: nil
        }
    }
}
