// Jetstream events of every kind, written for these tests after the published shapes.

enum JetstreamFixtures {
    static let create = """
        {"did":"did:plc:alice","time_us":1783175888090631,"kind":"commit","commit":{"rev":"3mptbypcq372f",\
        "operation":"create","collection":"app.bsky.feed.post","rkey":"3mptbyoeyc22k","record":{\
        "$type":"app.bsky.feed.post","createdAt":"2026-07-04T14:38:06.240Z","langs":["pt","en"],\
        "reply":{"parent":{"cid":"x","uri":"at://did:plc:bob/app.bsky.feed.post/p1"},\
        "root":{"cid":"y","uri":"at://did:plc:carol/app.bsky.feed.post/r1"}},\
        "embed":{"$type":"app.bsky.embed.record","record":{"cid":"z","uri":"at://did:plc:dora/app.bsky.feed.post/q1"}},\
        "text":"bom dia \\ud83d\\ude00 gente"},"cid":"bafy"}}
        """

    static let delete = """
        {"did":"did:plc:alice","time_us":1783175888377628,"kind":"commit","commit":{"rev":"3mptbypuw3t2q",\
        "operation":"delete","collection":"app.bsky.feed.post","rkey":"3mptbyoeyc22k"}}
        """

    static let account = """
        {"did":"did:plc:alice","time_us":1783175888390226,"kind":"account","account":{"active":true,\
        "did":"did:plc:alice","seq":31527015471,"time":"2026-07-04T14:38:07.877Z"}}
        """

    static let identity = """
        {"did":"did:plc:alice","time_us":1783175888384849,"kind":"identity","identity":{"did":"did:plc:alice",\
        "handle":"alice.example","seq":31527015470,"time":"2026-07-04T14:38:07.877Z"}}
        """

    static func commit(operation: String = "create", collection: String = "app.bsky.feed.post", rest: String) -> String
    {
        """
        {"did":"did:plc:alice","time_us":17,"kind":"commit","commit":{"operation":"\(operation)",\
        "collection":"\(collection)","rkey":"k"\(rest)}}
        """
    }

    static func account(_ inside: String) -> String {
        #"{"did":"did:plc:alice","time_us":17,"kind":"account","account":{\#(inside)}}"#
    }
}
