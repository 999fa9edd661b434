// Which mask a student runs with: what was asked for, or the model's own default where it was only a default.
package import Masking
package import ModelFiles

extension Student {
    package struct MaskChoice: Sendable {
        package let policy: MaskPolicy
        /// A sentence to log once, where the model could not give what the settings' default names.
        package let notice: String?
    }

    /// `isExplicit`: a person asked for this mode; then a mode the model lacks is refused instead of replaced.
    /// `threshold`: of the learned mask, instead of the model's own.
    package func maskChoice(
        _ mode: MaskSettings.Mode, isExplicit: Bool, randomShare: Float = 0.7, threshold: Float? = nil
    ) throws(ModelFileFault) -> MaskChoice {
        switch mode {
        case .none: return MaskChoice(policy: .none, notice: nil)
        case .rules: return MaskChoice(policy: .rules, notice: nil)
        case .random: return MaskChoice(policy: .random(keptShare: randomShare), notice: nil)
        case .learned:
            if let learnedMask {
                let mask = threshold.map { LearnedMask(learnedMask, threshold: $0) } ?? learnedMask
                return MaskChoice(policy: .learned(mask), notice: nil)
            }
            let fallback = configuration.mask.defaultMode
            guard !isExplicit, fallback != .learned else {
                throw ModelFileFault(
                    "The model \(configuration.name) has no learned mask; choose the mask none, rules or random.")
            }
            let choice = try maskChoice(fallback, isExplicit: true, randomShare: randomShare)
            return MaskChoice(
                policy: choice.policy,
                notice: "The model \(configuration.name) has no learned mask; "
                    + "its own default, \(fallback.rawValue), is used.")
        }
    }
}
