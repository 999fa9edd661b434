// The students that the settings ask for: the model folders, which language each reads, the masks, the number of workers.
import Foundation
import Masking
import ModelFiles
import ServiceSettings
import StudentInference

struct StudentComposition {
    /// One model as it was found.
    struct Model {
        let folder: String
        let student: Student
        let mask: MaskPolicy
        /// Worth telling once: the model could not give what the default mask names.
        let notice: String?
        /// Base subtags and `*`; empty where there is only one model and so nothing to tell.
        let languages: [String]

        /// Name, version, languages and mask, for people.
        var summary: String {
            let reads = languages.map { $0 == StudentRoutes.everyOther ? "all other languages" : $0 }
            return "\(student.version)\(reads.isEmpty ? "" : " for \(reads.joined(separator: ", "))"), mask \(mask)"
        }
    }

    /// Each model once.
    let models: [Model]
    let routes: StudentRoutes
    let workers: Int
    var notices: [String] { models.compactMap(\.notice) }

    init(_ loaded: LoadedSettings) throws(ModelFileFault) {
        // A settings file that was made from the sample names the default: only a flag or a variable is a wish.
        try self.init(loaded.settings.model, isMaskExplicit: loaded.askedFor.contains("model.mask"))
    }

    /// - Throws: one sentence on what is wrong with a model folder or the mask.
    init(_ settings: ModelSettings, isMaskExplicit: Bool, finder: ModelFinder = ModelFinder()) throws(ModelFileFault) {
        guard let mode = MaskSettings.Mode(rawValue: settings.mask.rawValue) else {
            throw ModelFileFault("The mask \(settings.mask.rawValue) is not one that models have.")
        }
        let wanted = Self.wanted(settings, finder: finder)
        var languagesOf: [String: [String]] = [:]
        var folders: [String] = []
        for (language, name) in wanted.sorted(by: { $0.key > $1.key }) {
            let folder = try finder.find(name)
            if languagesOf[folder] == nil { folders.append(folder) }
            languagesOf[folder, default: []].append(language)
        }
        var models: [Model] = []
        var byLanguage: [String: Int] = [:]
        for (index, folder) in folders.enumerated() {
            let student = try Student.load(folder: folder)
            let choice = try student.maskChoice(
                mode, isExplicit: isMaskExplicit, randomShare: Float(1 - settings.randomShare),
                threshold: settings.threshold.map { Float($0) })
            let languages = folders.count == 1 ? [] : languagesOf[folder] ?? []
            models.append(
                Model(
                    folder: folder, student: student, mask: choice.policy, notice: choice.notice,
                    languages: languages))
            for language in languages { byLanguage[language] = index }
        }
        self.models = models
        let fallback = byLanguage.removeValue(forKey: StudentRoutes.everyOther) ?? 0
        routes = StudentRoutes(
            routes: models.map { StudentRoutes.Route(student: $0.student, mask: $0.mask) }, byLanguage: byLanguage,
            fallback: fallback)
        workers = settings.workers ?? ProcessInfo.processInfo.activeProcessorCount
    }

    /// For commands whose results belong to one model.
    /// - Throws: where the settings route languages to several.
    func onlyModel() throws(ModelFileFault) -> Model {
        guard models.count == 1 else {
            let names = models.map { "\($0.student.version)" }.joined(separator: ", ")
            throw ModelFileFault("The settings name several models (\(names)), and this command takes one: name it with --model.")
        }
        return models[0]
    }

    /// Model by language, as the settings say, else as models ship: English posts to the English model and all others to the
    /// multilingual one, or everything to the one that is there.
    private static func wanted(_ settings: ModelSettings, finder: ModelFinder) -> [String: String?] {
        if let path = settings.path { return [StudentRoutes.everyOther: path] }
        if !settings.routes.isEmpty { return settings.routes.mapValues { $0 } }
        guard finder.ships(ModelFinder.multilingualName) else { return [StudentRoutes.everyOther: nil] }
        guard finder.ships(ModelFinder.defaultName) else {
            return [StudentRoutes.everyOther: ModelFinder.multilingualName]
        }
        return ["en": ModelFinder.defaultName, StudentRoutes.everyOther: ModelFinder.multilingualName]
    }
}
