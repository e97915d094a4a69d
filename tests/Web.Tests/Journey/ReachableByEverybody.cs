using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class ReachableByEverybody(BrowserStack stack)
{
    [Theory]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    public async Task No_page_breaks_a_rule_of_accessibility_or_scrolls_sideways(int width, ColorScheme theme)
    {
        await using var maya = await stack.VisitAsync(width, 900, theme);
        await maya.Page.GotoAsync("/sign-in");
        await Expect(maya.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await CheckAsync(maya.Page, width, "sign in");
        await maya.SignUpAsync();
        await CheckAsync(maya.Page, width, "new thread");
        await maya.UploadAsync();
        await maya.AskAsync(Visitor.Question);
        await CheckAsync(maya.Page, width, "thread");
        await maya.Figures.First.ClickAsync();
        await Expect(maya.Source.GetByText("usage.csv")).ToBeVisibleAsync();
        await CheckAsync(maya.Page, width, "source");
        await maya.Page.GotoAsync("/devices");
        await Expect(maya.Page.GetByText("This device").First).ToBeVisibleAsync();
        await CheckAsync(maya.Page, width, "devices");
        await maya.Page.GotoAsync("/files");
        await Expect(maya.Page.GetByText("100 rows read")).ToBeVisibleAsync();
        await CheckAsync(maya.Page, width, "files");
    }

    private static async Task CheckAsync(IPage page, int width, string name)
    {
        // Half-transparent while it appears, a colour would be judged that nobody reads.
        await page.WaitForFunctionAsync("() => document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)");
        var found = await page.RunAxe();
        Assert.True(found.Violations.Length == 0, $"{name}: " + string.Join("\n", found.Violations.Select(violation =>
            $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")));
        Assert.InRange(await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), 0, width);
    }
}
