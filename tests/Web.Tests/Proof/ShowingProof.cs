using Microsoft.Playwright;
using Throughline.Web.Tests.Journey;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Proof;

[Collection(WithReports.Name)]
public sealed class ShowingProof(BrowserStack stack)
{
    private const float WholeRun = 360_000; // milliseconds; a deadline, not a wait

    public static TheoryData<int, ColorScheme, int[]> Windows => new() { { 1440, ColorScheme.Light, [320, 1024, 1440] }, { 320, ColorScheme.Dark, [320, 1440, 3840] } };

    [Fact]
    public async Task An_administrator_sees_where_the_path_breaks_why_and_what_that_exposes()
    {
        Planted.Broken(stack.State.Root);
        await using var admin = await stack.VisitAsync();
        await admin.SignInAsync(Administering.Email, stack.AdminPassword);
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Proof" }).ClickAsync();

        await Expect(admin.Page.Locator(".proof-answer")).ToHaveTextAsync("No");
        await Expect(admin.Page.Locator(".proof-sentence")).ToHaveTextAsync("The path breaks at WebSocket Connect. One cause, confirmed.");
        await Expect(admin.Page.Locator(".proof-amount")).ToHaveTextAsync("$397,000 of $597,000");
        await Expect(admin.Page.Locator(".proof-steps .pill")).ToHaveTextAsync(["WORKING", "WORKING", "WORKING", "WORKING", "BROKEN", "BLOCKED", "BLOCKED"]);
        await Expect(admin.Page.Locator(".proof-line .visually-hidden")).ToHaveTextAsync(["Whole, to JWT Generation.", "Stops at WebSocket Connect."]);
        await Expect(admin.Page.Locator(".proof-line").Nth(1).Locator("i.after")).ToHaveCountAsync(2);
        await admin.SeeAsync("unset Discovery__Port && ./throughline up");
        await Expect(admin.Page.Locator(".proof-returns dd")).ToHaveTextAsync(["checks 2 and 4", "returns $397,000", "returns $397,000"]);
        await Expect(admin.Page.Locator(".proof-checks tbody tr")).ToHaveCountAsync(10);
        await Expect(admin.Page.Locator(".proof-checks tbody tr").Nth(1)).ToContainTextAsync("This run, journey.socket.hello");
        await Expect(admin.Page.Locator(".proof-checks tbody tr").Nth(2)).ToContainTextAsync("UNPROVEN");
        await Expect(admin.Page.Locator(".proof-history .latest")).ToHaveClassAsync("bad latest");
        Assert.Empty(admin.Violations);
    }

    [Fact]
    public async Task And_sees_a_green_one_as_that()
    {
        Planted.Working(stack.State.Root);
        await using var admin = await stack.VisitAsync();
        await admin.SignInAsync(Administering.Email, stack.AdminPassword);
        await admin.GoAsync("/proof", "The path, and the revenue that travels it");

        await Expect(admin.Page.Locator(".proof-answer")).ToHaveTextAsync("Yes");
        await Expect(admin.Page.Locator(".proof-sentence")).ToHaveTextAsync("All nine checks that this target allows passed; 1 check was never seen to fail.");
        await Expect(admin.Page.Locator(".proof-amount")).ToHaveTextAsync("$0 of $597,000");
        await Expect(admin.Page.GetByText("Why it breaks")).ToHaveCountAsync(0);
        await Expect(admin.Page.Locator(".proof-history .latest")).ToHaveClassAsync("ok latest");
    }

    [Fact]
    public async Task Nobody_else_sees_anything_of_it()
    {
        Planted.Broken(stack.State.Root);
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await Expect(maya.Page.GetByRole(AriaRole.Link, new() { Name = "Proof" })).ToHaveCountAsync(0);
        var asked = false;
        maya.Page.Request += (_, request) => asked |= request.Url.Contains("/admin/", StringComparison.Ordinal);
        await maya.GoAsync("/proof", "This page is for administrators.");
        await Expect(maya.Page.Locator(".proof")).ToHaveCountAsync(0);
        Assert.False(asked);
    }

    [Fact]
    public async Task Running_verify_is_followed_while_it_goes_on_and_leaves_a_report()
    {
        Planted.Broken(stack.State.Root);
        await using var admin = await stack.VisitAsync();
        await admin.SignInAsync(Administering.Email, stack.AdminPassword);
        await admin.GoAsync("/proof", "The path, and the revenue that travels it");
        var before = await admin.Page.Locator(".proof-history li").CountAsync();
        var planted = await admin.Page.Locator(".proof-facts").InnerTextAsync(); // when it ran, how long, its exit code

        await admin.PressAsync("Run again");
        await Expect(admin.Page.Locator(".proof-running")).ToContainTextAsync("Verify is running");
        await Expect(admin.Button("Run again")).ToBeDisabledAsync();
        await Expect(admin.Page.Locator(".proof-running .pill").First).ToBeVisibleAsync(new() { Timeout = WholeRun });

        // Whoever comes meanwhile sees the same run.
        await using var other = await stack.VisitAsync();
        await other.SignInAsync(Administering.Email, stack.AdminPassword);
        await other.GoAsync("/proof", "The path, and the revenue that travels it");
        await Expect(other.Page.Locator(".proof-running")).ToBeVisibleAsync();

        await Expect(admin.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Verify is done." })).ToHaveCountAsync(1, new() { Timeout = WholeRun });
        await Expect(admin.Page.Locator(".proof-history li")).ToHaveCountAsync(Math.Min(30, before + 1));
        await Expect(admin.Page.Locator(".proof-facts")).Not.ToHaveTextAsync(planted, new() { UseInnerText = true });
        await Expect(admin.Button("Run again")).ToBeEnabledAsync();
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task The_page_is_for_every_window_and_everybody(int width, ColorScheme theme, int[] widths)
    {
        await using var admin = await stack.VisitAsync(width, 900, theme);
        await admin.SignInAsync(Administering.Email, stack.AdminPassword);
        foreach (var plant in (Action<string>[])[Planted.Working, Planted.Broken])
        {
            plant(stack.State.Root);
            await admin.GoAsync("/", "What do you want to know");
            await admin.GoAsync("/proof", "The path, and the revenue that travels it");
            await Expect(admin.Page.Locator(".proof-history .latest")).ToBeVisibleAsync();
            await ReachableByEverybody.CheckAsync(admin, widths, "proof", judged: widths);
        }

        // By keyboard: the second look at a cause, and back.
        var cause = admin.Page.Locator(".proof-cause summary");
        await cause.FocusAsync();
        await admin.Page.Keyboard.PressAsync("Enter");
        await Expect(admin.Page.Locator(".proof-cause[open]")).ToHaveCountAsync(0);
        await admin.Page.Keyboard.PressAsync("Enter");
        await Expect(admin.Page.Locator(".proof-cause[open]")).ToHaveCountAsync(1);
    }
}
