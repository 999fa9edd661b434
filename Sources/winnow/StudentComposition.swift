// The student that the settings ask for: the model folder, the mask, the number of workers.
import Foundation
import Masking
import ModelFiles
import ServiceSettings
import StudentInference

struct StudentComposition {
    /// Where the model was found.
    let folder: String
    let student: Student
    let mask: MaskPolicy
    /// Worth telling once: the model could not give what the default mask names.
    let notice: String?
    let workers: Int

    /// - Throws: one sentence on what is wrong with the model folder or the mask.
    init(_ loaded: LoadedSettings) throws(ModelFileFault) {
        let settings = loaded.settings.model
        folder = try ModelFinder().find(settings.path)
        student = try Student.load(folder: folder)
        guard let mode = MaskSettings.Mode(rawValue: settings.mask.rawValue) else {
            throw ModelFileFault("The mask \(settings.mask.rawValue) is not one that models have.")
        }
        // A settings file that was made from the sample names the default: only a flag or a variable is a wish.
        let choice = try student.maskChoice(
            mode, isExplicit: loaded.askedFor.contains("model.mask"), randomShare: Float(1 - settings.randomShare),
                threshold: settings.threshold.map { Float($0) })
        mask = choice.policy
        notice = choice.notice
        workers = settings.workers ?? ProcessInfo.processInfo.activeProcessorCount
    }
}
