// Which module may import which: downwards only, and nothing that Package.swift does not say.
import Foundation
import Testing

/// The layering, once: what each target of ours may depend on. The command line knows everything.
private let allowed: [String: Set<String>] = [
    "CRdKafka": [], "CLibPQ": [], "COpenBLAS": [], "CCurl": [], "CVectorKernels": [],
    "CLanguageDetection": [],
    "LanguageIdentification": ["CLanguageDetection"],
    "CInteropShims": ["CRdKafka"],
    "CProtobuf": [], "CProtobufReader": ["CProtobuf"],
    "HTTPRequests": ["CCurl"],
    "Posts": [],
    "TensorKernels": ["COpenBLAS", "CVectorKernels"],
    "Tokenization": ["Posts"],
    "Masking": ["Posts", "Tokenization", "TensorKernels"],
    "ModelFiles": ["TensorKernels"],
    "StudentInference": ["Posts", "Tokenization", "Masking", "ModelFiles", "TensorKernels"],
    "Evaluation": ["StudentInference", "Posts", "Masking", "Tokenization"],
    "Training": [
        "StudentInference", "Evaluation", "Posts", "Tokenization", "Masking", "ModelFiles", "TensorKernels", "COpenBLAS",
        "CVectorKernels",
    ],
    "Ablation": ["StudentInference", "Training", "Evaluation", "Masking", "ModelFiles"],
    "Distillation": ["StudentInference", "Training", "Evaluation", "ModelFiles", "Posts", "HTTPRequests"],
    "StreamCore": ["Posts"],
    "Observability": [],
    "KafkaIngest": ["Posts", "StreamCore", "CRdKafka", "CInteropShims", "Observability"],
    "PostgresDelivery": ["Posts", "StreamCore", "CLibPQ", "Observability"],
    "StreamPipeline": ["Posts", "StreamCore", "Observability"],
    "RegistryFormats": ["Posts", "StreamCore", "HTTPRequests", "CProtobufReader"],
    "ServiceSettings": ["Posts", "StreamCore"],
    "SyntheticFeed": ["Posts"],
]

@Suite struct ImportTests {
    private static let declared = packageTargets()

    @Test func everyLibraryHasItsPlace() throws {
        #expect(!Self.declared.isEmpty, "no target was read from Package.swift: has its form changed?")
        let folders = try FileManager.default.contentsOfDirectory(
            at: SourceTree.root.appending(path: "Sources"), includingPropertiesForKeys: nil)
        for folder in folders.map(\.lastPathComponent) where folder != "winnow" && !folder.hasPrefix(".") {
            #expect(allowed[folder] != nil, "Sources/\(folder) has no place in the layering: add it to ImportTests")
        }
    }

    @Test func declaredDependenciesPointDownwards() {
        for (target, dependencies) in Self.declared {
            guard let permitted = allowed[target] else { continue }
            for dependency in dependencies where allowed[dependency] != nil || dependency == "winnow" {
                #expect(
                    permitted.contains(dependency),
                    "Package.swift lets \(target) depend on \(dependency), which is not below it")
            }
        }
    }

    @Test func importsAreDeclared() {
        for file in SourceTree.swiftSources + SourceTree.swiftTests {
            guard let dependencies = Self.declared[file.target] else { continue }
            for module in importedModules(file) where allowed[module] != nil {
                #expect(
                    dependencies.contains(module),
                    "\(file) imports \(module), which Package.swift does not list for \(file.target)")
            }
        }
    }

    /// The stream's three sides meet in StreamCore only, so that the simulation needs no Kafka, PostgreSQL or BLAS.
    @Test func theSidesOfTheStreamDoNotKnowEachOther() {
        let sides: Set<String> = ["KafkaIngest", "PostgresDelivery", "StreamPipeline"]
        let foreign: Set<String> = ["StudentInference", "TensorKernels", "Training", "COpenBLAS"]
        for file in SourceTree.swiftSources where sides.contains(file.target) {
            for module in importedModules(file) {
                let isOther = sides.contains(module) && module != file.target
                #expect(!isOther && !foreign.contains(module), "\(file) imports \(module)")
            }
        }
    }

    private func importedModules(_ file: SourceFile) -> Set<String> {
        var modules: Set<String> = []
        for code in file.swift.code {
            let words = code.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count else { continue }
            let levels: Set<Substring> = ["package", "internal", "fileprivate", "private", "public"]
            guard words[..<keyword].allSatisfy({ levels.contains($0) || $0.hasPrefix("@") }) else { continue }
            let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
            let next = keyword + 1
            let name = kinds.contains(words[next]) ? words[min(next + 1, words.count - 1)] : words[next]
            modules.insert(String(name.split(separator: ".").first ?? name))
        }
        return modules
    }

    /// Target names with the names in their dependency lists, read from the text of Package.swift.
    private static func packageTargets() -> [String: Set<String>] {
        guard let text = SourceFile(SourceTree.root.appending(path: "Package.swift")).text else { return [:] }
        var targets: [String: Set<String>] = [:]
        let kinds = #"(?:library|tests|\.target|\.executableTarget)"#
        let pattern = kinds + #"\(\s*(?:name: )?"(\w+)",\s*(?:dependencies: )?\[([^\]]*)\]"#
        guard let declaration = try? Regex(pattern, as: (Substring, Substring, Substring).self) else { return [:] }
        for match in text.matches(of: declaration) {
            targets[String(match.1)] = Set(match.2.matches(of: #/"(\w+)"/#).map { String($0.1) })
        }
        return targets
    }
}
