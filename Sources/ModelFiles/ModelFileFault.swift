// Why a model file or folder was refused.

/// One sentence for people: what is wrong, where, what to do about it.
package struct ModelFileFault: Error, Hashable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
