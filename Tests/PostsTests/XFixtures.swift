// Documents of X's two APIs, written for these tests after the published shapes.

enum XFixtures {
    static let stream = """
        {"data":{"author_id":"77","conversation_id":"1700000000000000000","id":"1700000000000000100",\
        "created_at":"2026-03-01T08:00:00.000Z","text":"fish &amp; chips &lt;3 &amp;copy; \\ud83d\\ude00","lang":"en",\
        "edit_history_tweet_ids":["1700000000000000100"],\
        "referenced_tweets":[{"type":"replied_to","id":"1700000000000000001"},{"type":"quoted","id":"1700000000000000002"}]},\
        "includes":{"users":[{"id":"77","name":"n","username":"u"}],"tweets":[{"id":"1700000000000000002","text":"other"}]},\
        "matching_rules":[{"id":"1","tag":"food"}]}
        """

    static func tweet(id: String = "10", text: String = "t", rest: String = "") -> String {
        #"{"id":"\#(id)","text":"\#(text)"\#(rest)}"#
    }

    static func compliance(_ name: String, _ inside: String) -> String {
        #"{"data":{"\#(name)":{\#(inside),"event_at":"2026-03-01T08:00:00.000Z"}}}"#
    }

    static let status = """
        {"created_at":"Sun Mar 01 08:00:00 +0000 2026","id":1700000000000000100,"id_str":"1700000000000000100",\
        "text":"cut off …","truncated":true,"extended_tweet":{"full_text":"salt &amp; vinegar, all of it"},"lang":"en",\
        "in_reply_to_status_id":null,"in_reply_to_status_id_str":"1700000000000000001",\
        "user":{"id":77,"id_str":"77","screen_name":"u"},"is_quote_status":true,\
        "quoted_status_id_str":"1700000000000000002","quoted_status":{"id_str":"1700000000000000002","text":"other"}}
        """

    static let retweet = """
        {"created_at":"Sun Mar 01 08:00:00 +0000 2026","id_str":"5","full_text":"RT @a: other","user":{"id_str":"77"},\
        "retweeted_status":{"id_str":"4","full_text":"other","user":{"id_str":"78"}}}
        """

    static let delete = """
        {"delete":{"status":{"id":1700000000000000100,"id_str":"1700000000000000100","user_id":77,"user_id_str":"77"},\
        "timestamp_ms":"1772352000000"}}
        """
}
