// swift-tools-version: 6.1
import Foundation
import PackageDescription

// WINNOW_STRICT=1 (continuous integration and Deploy/test) turns every warning of ours into an error.
let strict = ProcessInfo.processInfo.environment["WINNOW_STRICT"] == "1"

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (strict ? [.unsafeFlags(["-warnings-as-errors"])] : [])

/// `isTestable`: its tests look at internals, and they are built for release.
func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [], isTestable: Bool = false
) -> Target {
    let testing: [SwiftSetting] = isTestable ? [.unsafeFlags(["-enable-testing"])] : []
    return .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings + testing)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func system(_ name: String, _ pkgConfig: String, _ debianPackage: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debianPackage])])
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let orderedCollections: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let httpServer: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")

// Imports point downwards only; TidyTests checks it.
let package = Package(
    name: "winnow",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "winnow", targets: ["winnow"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        system("CRdKafka", "rdkafka", "librdkafka-dev"),
        system("CLibPQ", "libpq", "libpq-dev"),
        system("CCurl", "libcurl", "libcurl4-openssl-dev"),
        system("COpenBLAS", "openblas", "libopenblas-dev"),
        system("CProtobuf", "protobuf", "libprotoc-dev"),
        .target(name: "CProtobufReader", dependencies: ["CProtobuf"]),
        .target(name: "CVectorKernels", cSettings: [.unsafeFlags(["-O3"])]),
        // CLD2 has no pkg-config file; its headers and library lie where the compiler looks.
        .target(name: "CLanguageDetection", linkerSettings: [.linkedLibrary("cld2")]),

        library("Posts"),
        library("HTTPRequests", ["CCurl"]),
        library("LanguageIdentification", ["CLanguageDetection"]),
        library("TensorKernels", ["COpenBLAS", "CVectorKernels"]),
        library("Tokenization", ["Posts"]),
        library("Masking", ["Posts", "Tokenization", "TensorKernels"]),
        library("ModelFiles", ["TensorKernels"]),
        library("StudentInference", ["Posts", "Tokenization", "Masking", "ModelFiles", "TensorKernels"]),
        library("Training", [
            "StudentInference", "Evaluation", "Posts", "Tokenization", "Masking", "ModelFiles", "TensorKernels",
            "CVectorKernels",
        ]),
        library("Evaluation", ["StudentInference", "Posts", "Masking", "Tokenization"]),

        library("Ablation", ["Training", "Evaluation", "StudentInference", "Masking", "ModelFiles"]),
        library("Distillation", ["Training", "Evaluation", "Posts", "ModelFiles", "HTTPRequests"],
                resources: [.embedInCode("Prompts")], isTestable: true),

        library("StreamCore", ["Posts", deque, orderedCollections]),
        library("Observability", [logging, httpServer]),
        library("KafkaIngest", ["Posts", "StreamCore", "CRdKafka"]),
        library("PostgresDelivery", ["Posts", "StreamCore", "CLibPQ", logging]),
        library("RegistryFormats", ["Posts", "StreamCore", "HTTPRequests", "CProtobufReader"]),
        library("StreamPipeline", ["Posts", "StreamCore", "Observability", deque, logging]),
        library("ServiceSettings", ["Posts", "StreamCore", yams]),

        library("SyntheticFeed", ["Posts"]),

        .executableTarget(
            name: "winnow",
            dependencies: [
                "Posts", "StreamCore", "StreamPipeline", "KafkaIngest", "PostgresDelivery", "RegistryFormats", "Observability",
                "ServiceSettings", "StudentInference", "Training", "Evaluation", "Masking", "Tokenization",
                "ModelFiles", "SyntheticFeed", "Distillation", "Ablation", "HTTPRequests", "TensorKernels", "LanguageIdentification",
                argumentParser, logging,
            ],
            exclude: ["Documentation.docc"],
            swiftSettings: swiftSettings),

        tests("PostsTests", ["Posts"]),
        tests("LanguageIdentificationTests", ["LanguageIdentification"]),
        tests("TensorKernelsTests", ["TensorKernels"]),
        tests("StudentInferenceTests",
              ["StudentInference", "Posts", "Tokenization", "Masking", "ModelFiles", "TensorKernels"],
              resources: [.copy("Fixtures")]),
        tests("TrainingTests",
              ["Training", "Evaluation", "StudentInference", "Masking", "ModelFiles", "Tokenization", "Posts"],
              resources: [.copy("Fixtures")]),
        tests("AblationTests", ["Ablation", "Training", "Evaluation"], resources: [.copy("Fixtures")]),
        tests("DistillationTests", ["Distillation", "HTTPRequests", "Training", "Posts"]),
        tests("SyntheticFeedTests", ["SyntheticFeed", "Posts"]),
        tests("StreamCoreTests", ["StreamCore", "Posts"]),
        tests("PipelineSimulationTests", ["StreamCore", "StreamPipeline", "Posts"]),
        tests("KafkaIngestTests", ["KafkaIngest", "StreamCore", "Posts"]),
        tests("PostgresDeliveryTests", ["PostgresDelivery", "StreamCore", "Posts"]),
        tests("ServiceSettingsTests", ["ServiceSettings", "Observability"]),
        tests("RegistryFormatsTests", ["RegistryFormats", "StreamCore", "Posts", httpServer], resources: [.copy("Fixtures")]),
        tests("EndToEndTests", ["PostgresDelivery", "KafkaIngest", "Posts", httpServer]),
        tests("TidyTests", []),
    ],
    cxxLanguageStandard: .cxx17
)

// WINNOW_FUZZ=1 (Deploy/fuzz/run) adds the fuzzer's program. It needs libFuzzer from the toolchain, so nobody else builds it.
if ProcessInfo.processInfo.environment["WINNOW_FUZZ"] == "1" {
    package.targets += [
        .target(name: "CFuzzDriver", path: "Deploy/fuzz/Driver"),
        .executableTarget(
            name: "winnow-fuzz",
            dependencies: ["CFuzzDriver", "Posts", "Tokenization", "Masking", "ModelFiles", "ServiceSettings",
                           "LanguageIdentification"],
            path: "Deploy/fuzz/Targets", swiftSettings: swiftSettings),
    ]
}
