// HTML as the fediverse writes it, to the text that people read.
import Posts
import Testing

struct MarkupTextTests {
    private func text(_ content: String) -> String? {
        let escaped = content.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        return Decoding.decode(MastodonFixtures.local(content: escaped), .mastodon).post?.text
    }

    @Test(arguments: [
        ("<p>one</p><p>two<br>three<br />four</p>", "one\n\ntwo\nthree\nfour"), ("<p>a</p>\n<p>b</p>", "a\n\nb"),
        ("plain text", "plain text"), ("", ""), ("<p></p>", ""), ("a  b", "a  b"), ("<p> a </p> <p> b </p>", "a\n\nb"),
        (#"<p><span class="h-card"><a href="https://a.example/@ada" class="u-url mention">@<span>ada</span></a></span> hi</p>"#, "@ada hi"),
        (#"<a href="https://a.example/tags/x" class="mention hashtag" rel="tag">#<span>x</span></a>, y"#, "#x, y"),
        (
            #"see <a href="https://a.example/long/path"><span class="invisible">https://</span>"#
                + #"<span class="ellipsis">a.example/long</span><span class="invisible">/path</span></a>!"#,
            "see https://a.example/long/path!"
        ),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"), ("<pre><code>a\n  b</code></pre>", "a\n  b"),
        ("<blockquote><p>said</p></blockquote><p>yes</p>", "said\n\nyes"), ("a<!-- <b>no</b> -->b", "ab"),
        ("a<script>alert('<p>')</script>b<style>p{}</style>c", "abc"), ("<h1>T</h1>x", "T\n\nx"),
        ("1 < 2 && 3 > 2", "1 < 2 && 3 > 2"), ("<3 you", "<3 you"), (#"<a title="a>b">c</a>"#, "c"), ("cut <a href=", "cut"),
        ("cut <", "cut <"), ("<!-- cut", ""), ("<P>A<BR>B</P>", "A\nB"),
    ])
    func markup(content: String, expected: String) {
        #expect(text(content) == expected)
    }

    @Test(arguments: [
        ("&amp;&lt;&gt;&quot;&#39;&apos;", "&<>\"''"), ("&amp;lt;", "&lt;"), ("&nbsp;x", "\u{A0}x"), ("caf&eacute;", "café"),
        ("&#128512;&#x1f600;&#X1F600;", "😀😀😀"), ("&#0;a&#xD83D;b&#55296;", "ab"), ("&#x110000;&#99999999999999999999;", "\u{FFFD}\u{FFFD}"),
        ("&bogus; &; &# &#; &#x; &amp &thetasym;", "&bogus; &; &# &#; &#x; &amp ϑ"), ("&ALPHA;&Alpha;&alpha;", "&ALPHA;Αα"),
    ])
    func references(content: String, expected: String) {
        #expect(text(content) == expected)
    }

    @Test func emojiAndTheirJoinersSurvive() {
        let valid = "👩‍👩‍👧‍👦 🏴󠁧󠁢󠁷󠁬󠁳󠁿 é e\u{301} \u{202E}rtl\u{202C} 日本 ✌🏽"
        #expect(text("<p>\(valid)</p>").map { Array($0.utf8) } == Array(valid.utf8))
    }

    @Test func anyMarkupTakesLinearTime() {
        for part in ["<", "<p", "<a ", "&", "&#", "<!--", "<script>", "</script", "<br>", "\"", "<a \""] {
            let content = String(repeating: part, count: 1_000_000 / part.utf8.count)
            #expect(text(content) != nil)
        }
    }
}
