namespace Throughline.Web.Tests.Markdown;

public sealed class ReadingMarkdown
{
    private const string Fact = "019ab5d2-0000-7000-8000-000000000001";

    [Theory]
    [InlineData($"It cost [$47.61](#f-{Fact}).", $"<p>It cost <figure {Fact} $47.61/>.</p>")]
    [InlineData($"**All: [$1](#f-{Fact})**", $"<p><strong>All: <figure {Fact} $1/></strong></p>")]
    [InlineData("[$47.61](#f-not-a-fact)", "<p>$47.61</p>")]
    [InlineData("# One\n\n- a\n- `b`", "<h3>One</h3><ul><li>a</li><li><code>b</code></li></ul>")]
    [InlineData("| a | b |\n| - | -: |\n| 1 | 2 |", "<div class=card><table class=tbl><tr><th>a</th><th class=end>b</th></tr><tr><td>1</td><td class=end>2</td></tr></table></div>")]
    public void A_text_becomes_elements_and_figures(string text, string page) => Assert.Equal(page, Page.Of(text));

    [Theory]
    [InlineData("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;")]
    [InlineData("a <img src=x onerror=alert(1)> b", "a &lt;img src=x onerror=alert(1)&gt; b")]
    [InlineData("[a](javascript:alert(1))", "a")]
    [InlineData("[a](data:text/html,x)", "a")]
    [InlineData("[a](//evil.example)", "a")]
    [InlineData("![pixel](https://evil.example/x.png)", "pixel")]
    [InlineData("<https://evil.example>", "https://evil.example")]
    public void A_hostile_value_stays_text(string text, string inner) => Assert.Equal($"<p>{inner}</p>", Page.Of(text));

    [Fact]
    public void A_link_opens_elsewhere_and_tells_nothing() => Assert.Equal(
        "<p><a href=https://example.org/a target=_blank rel=noopener noreferrer nofollow>a</a></p>", Page.Of("[a](https://example.org/a)"));

    [Theory]
    [InlineData("It cost [", "<p>It cost <span class=figure-pending></span><span class=caret></span></p>")]
    [InlineData("It cost [$47.61", "<p>It cost <span class=figure-pending></span><span class=caret></span></p>")]
    [InlineData("It cost [$47.61](#f-019a", "<p>It cost <span class=figure-pending></span><span class=caret></span></p>")]
    [InlineData($"It cost [$47.61](#f-{Fact})", $"<p>It cost <figure {Fact} $47.61/><span class=caret></span></p>")]
    [InlineData("**One hour", "<p><strong>One hour<span class=caret></span></strong></p>")]
    [InlineData("run `gpt", "<p>run <code>gpt</code><span class=caret></span></p>")]
    [InlineData("done. **", "<p>done. <span class=caret></span></p>")]
    public void A_text_that_is_still_arriving_shows_nothing_half_written(string text, string page) =>
        Assert.Equal(page, Page.Of(text, isStreaming: true));

    [Fact]
    public void Marks_of_ours_in_a_foreign_text_are_taken_out() => Assert.Equal("<p>ab</p>", Page.Of("a\uE000\uE001b"));
}
