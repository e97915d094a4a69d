using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class ApprovingABudget(BrowserStack stack)
{
    [Fact]
    public async Task The_card_is_there_after_a_reload_and_in_a_second_tab_and_the_keyboard_approves_it()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.AskAsync("Set a budget of $500 a month");
        await Expect(Card(maya.Page).GetByText("Monthly budget", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(Card(maya.Page).GetByText("$500.00", new() { Exact = true })).ToBeVisibleAsync();
        await maya.Page.ReloadAsync();
        await Expect(Card(maya.Page)).ToBeVisibleAsync();

        var second = await maya.Context.NewPageAsync();
        await second.GotoAsync(maya.Page.Url);
        await Card(second).GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).FocusAsync();
        await second.Keyboard.PressAsync("Enter");

        foreach (var page in (IPage[])[second, maya.Page])
        {
            await Expect(Card(page).GetByRole(AriaRole.Status)).ToHaveTextAsync("You approved this.");
            await Expect(Card(page).GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
            await Expect(page.GetByText("The monthly budget is").First).ToBeVisibleAsync();
        }

        await maya.Page.ReloadAsync();
        await Expect(Card(maya.Page).GetByRole(AriaRole.Status)).ToHaveTextAsync("You approved this.");
        Assert.Empty(maya.Violations);
    }

    private static ILocator Card(IPage page) => page.GetByRole(AriaRole.Region, new() { Name = "Set a monthly budget of $500.00?" });
}
