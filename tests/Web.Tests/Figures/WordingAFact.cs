using Throughline.Contracts.Facts;
using Throughline.Web.Figures;

namespace Throughline.Web.Tests.Figures;

public sealed class WordingAFact
{
    private static readonly FactOperand Input = new(Guid.CreateVersion7(), "tokens.input", "18,059,974", "input tokens");

    private static Fact Of(string value, string unit, int precision) => new(
        Guid.CreateVersion7(), "spend.total", value, unit, "…", "…", null, precision, "{{f:tokens.input}} × $2.50 / M + {{f:gone}}", [Input],
        new FactProducer("spend_total", 1, "{}", "", "", null), [], null, null);

    [Theory]
    [InlineData("47.608895", "usd", 2, "47.608895 USD, shown to the cent")]
    [InlineData("54.31", "usd", 2, "54.31 USD, exact")]
    [InlineData("18059974", "tokens", 0, "18,059,974 tokens, exact")]
    [InlineData("34.684", "percent", 1, "34.684 percent, shown to one decimal")]
    [InlineData("0.0000001234", "usd", 4, "0.0000001234 USD, shown to 4 decimals")]
    public void The_exact_value_says_how_it_was_rounded(string value, string unit, int precision, string words) =>
        Assert.Equal(words, FactWords.ExactValue(Of(value, unit, precision)));

    [Fact]
    public void A_formula_keeps_its_operands_as_figures() =>
        Assert.Equal([("", Input), (" × $2.50 / M + ", null), ("gone", null)], FactWords.Formula(Of("1", "usd", 2)));
}
