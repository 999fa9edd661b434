// Mastodon's statuses and the ways they are sent, written for these tests after the published shapes.
import Foundation

enum MastodonFixtures {
    static let status = """
        {"id":"111","created_at":"2026-03-01T08:00:00.000Z","edited_at":null,"in_reply_to_id":"110","language":"de",\
        "visibility":"public","uri":"https://far.example/users/ada/statuses/9","content":"<p>Guten Morgen</p>","reblog":null,\
        "account":{"id":"5","username":"ada","acct":"ada@Far.example","url":"https://far.example/@ada"}}
        """

    /// By an account of the server that sends the stream.
    static func local(
        _ identifier: String = "111", content: String = "<p>hello</p>", edited: String = "null", rest: String = ""
    ) -> String {
        #"{"id":"\#(identifier)","created_at":"2026-03-01T08:00:00Z","edited_at":\#(edited),"content":"\#(content)","#
            + #""uri":"https://home.example/users/bo/statuses/\#(identifier)","account":{"acct":"bo","#
            + #""url":"https://home.example/@bo"}\#(rest)}"#
    }

    static func frame(_ event: String, _ data: String) -> String { "event: \(event)\ndata: \(data)\n\n" }

    static func message(_ event: String, _ payload: String) -> String {
        let quoted = payload.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
        return #"{"stream":["public"],"event":"\#(event)","payload":"\#(quoted)"}"#
    }
}
