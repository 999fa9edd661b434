// What a schema registry is asked, by the interface that Confluent's, Karapace and Apicurio's have in common. One try a call; who
// calls decides about waiting.
internal import Foundation
internal import HTTPRequests

/// Why the registry gave no usable answer. Only `notFound` is the registry's word about a schema; everything else may be
/// different in a minute, or once somebody has corrected the settings.
package enum RegistryFailure: Error, Sendable, Equatable, CustomStringConvertible {
    case notFound
    /// One sentence: what is wrong and what to do.
    case unavailable(String)

    package var description: String {
        switch self {
        case .notFound: "the schema registry does not know the schema"
        case .unavailable(let sentence): sentence
        }
    }
}

struct SchemaReference: Decodable, Sendable, Equatable {
    /// What an import statement or a type's full name says.
    let name: String
    let subject: String
    let version: Int
}

/// A schema as the registry has it.
struct RegisteredSchema: Decodable, Sendable {
    let schema: String
    /// Missing for Avro.
    let schemaType: String?
    let references: [SchemaReference]?
}

struct RegistryClient: Sendable {
    private struct Refusal: Decodable {
        let errorCode: Int
        enum CodingKeys: String, CodingKey { case errorCode = "error_code" }
    }
    /// The registry's own codes: no such subject, version or schema.
    private static let notFoundCodes: Set<Int> = [40_401, 40_402, 40_403]

    private let configuration: RegistryConfiguration
    private let transport: RegistryTransport

    init(_ configuration: RegistryConfiguration) {
        self.configuration = configuration
        transport = RegistryTransport(timeout: configuration.timeout)
    }

    func close() { transport.close() }

    func schema(_ number: UInt32) throws(RegistryFailure) -> RegisteredSchema {
        try decode(try get("/schemas/ids/\(number)"))
    }

    func schema(_ reference: SchemaReference) throws(RegistryFailure) -> RegisteredSchema {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        guard let subject = reference.subject.addingPercentEncoding(withAllowedCharacters: allowed) else { throw .notFound }
        // A reference holds even where its subject was deleted meanwhile.
        return try decode(try get("/subjects/\(subject)/versions/\(reference.version)?deleted=true"))
    }

    /// The kinds of schemas that the registry takes: the cheapest question that needs to be let in.
    func schemaTypes() throws(RegistryFailure) -> [String] { try decode(try get("/schemas/types")) }

    private func get(_ path: String) throws(RegistryFailure) -> Data {
        let place = "the schema registry at \(configuration.base)"
        guard let request = configuration.request(path) else {
            throw .unavailable("\(configuration.base) is no address of a schema registry; correct schema_registry.url")
        }
        let answer: HTTPAnswer
        do {
            answer = try transport.answer(to: request)
        } catch {
            throw .unavailable("\(place) cannot be asked: \(error.sentence); see that it runs, or correct schema_registry.url")
        }
        switch answer.status {
        case 200: return answer.body
        case 401: throw .unavailable("\(place) wants other credentials (401); correct those of schema_registry")
        case 403: throw .unavailable("\(place) does not let this user read schemas (403); ask for the right to read")
        case 404:
            // Only the registry's own code says so: a wrong path or a proxy answers 404 as well.
            if let refusal = try? JSONDecoder().decode(Refusal.self, from: answer.body),
                Self.notFoundCodes.contains(refusal.errorCode)
            {
                throw .notFound
            }
            throw .unavailable("\(place) has no such path (404); correct schema_registry.url")
        case 300..<400:
            throw .unavailable(
                "\(place) redirects (\(answer.status)), which is not followed; set schema_registry.url to where it leads")
        default: throw .unavailable("\(place) answers with status \(answer.status)")
        }
    }

    private func decode<Value: Decodable>(_ data: Data) throws(RegistryFailure) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: data)
        } catch {
            throw .unavailable(
                "what answers at \(configuration.base) is no schema registry: its answer has another form; "
                    + "correct schema_registry.url")
        }
    }
}
