using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class ReachableByEverybody(BrowserStack stack)
{
    private static readonly int[] Widths = [360, 1440];

    /// <summary>The window in which the way is gone, and each page on it judged; each must fit both widths.</summary>
    public static TheoryData<int, ColorScheme> Windows => new() { { 360, ColorScheme.Light }, { 1440, ColorScheme.Dark } };

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task No_page_breaks_a_rule_of_accessibility_or_scrolls_sideways(int width, ColorScheme theme)
    {
        await using var maya = await stack.VisitAsync(width, 900, theme);
        await maya.Page.GotoAsync("/sign-in");
        await Expect(maya.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await CheckAsync(maya, Widths, "sign in");
        await maya.SignUpAsync();
        await CheckAsync(maya, Widths, "new thread");
        await maya.UploadAsync();
        await maya.AskAsync(Visitor.Question);
        await CheckAsync(maya, Widths, "thread");
        await maya.Figures.First.ClickAsync();
        await Expect(maya.Source.GetByText("usage.csv")).ToBeVisibleAsync();
        await CheckAsync(maya, Widths, "source");
        await maya.Page.Keyboard.PressAsync("Escape");
        await maya.GoAsync("/files", "Usage data");
        await Expect(maya.Page.GetByText("100 rows read")).ToBeVisibleAsync();
        await CheckAsync(maya, Widths, "files");
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task Nor_does_a_page_of_account_security(int width, ColorScheme theme)
    {
        await using var admin = await stack.VisitAsync(width, 900, theme);
        await admin.Page.GotoAsync("/forgot-password");
        await admin.SeeHeadingAsync("Forgot the password");
        await CheckAsync(admin, Widths, "forgotten password");
        await admin.GoAsync("/reset-password#code=x", "Choose a new password");
        await CheckAsync(admin, Widths, "new password");
        await admin.GoAsync("/verify-email#code=x", "This link does not work any more");
        await CheckAsync(admin, Widths, "spent link");

        await admin.SignInAsync(Administering.Email, stack.AdminPassword);
        await admin.GoAsync("/devices", "Devices");
        await admin.SeeAsync("This device");
        await CheckAsync(admin, Widths, "devices");
        await admin.GoAsync("/settings/security", "Passkeys");
        await CheckAsync(admin, Widths, "security");
        await admin.PressAsync("Set up two-step sign-in");
        await admin.Field("Your password").FillAsync(stack.AdminPassword);
        await admin.PressAsync("Go on");
        await Expect(admin.Page.Locator("#totp-secret")).ToBeVisibleAsync();
        await CheckAsync(admin, Widths, "two-step sign-in");
        await admin.PressAsync("Cancel");
        await admin.GoAsync("/settings/api-keys", "API keys");
        await admin.PressAsync("New key");
        await admin.Field("Name").FillAsync($"key at {width}, {theme}");
        await CheckAsync(admin, Widths, "new key");
        await admin.PressAsync("Make the key");
        await Expect(admin.Page.Locator("#new-key")).ToBeVisibleAsync();
        await CheckAsync(admin, Widths, "keys");
        await admin.GoAsync("/settings/activity", "What happened lately");
        await admin.SeeAsync("Signed in");
        await CheckAsync(admin, Widths, "activity");
        await admin.GoAsync("/settings/account", "Delete account");
        await CheckAsync(admin, Widths, "account");
        await admin.PressAsync("Delete account");
        await Expect(admin.Dialog).ToBeVisibleAsync();
        await CheckAsync(admin, Widths, "delete account");
        await admin.PressAsync("Keep it");
        await admin.GoAsync("/device", "Enter the code");
        await CheckAsync(admin, Widths, "device");
        await admin.GoAsync("/admin", "Users");
        await Expect(admin.Page.Locator(".people")).ToBeVisibleAsync();
        await CheckAsync(admin, Widths, "users");
        await admin.GoAsync("/admin/audit", "Audit log");
        await Expect(admin.Page.Locator(".audit")).ToBeVisibleAsync();
        await CheckAsync(admin, Widths, "audit log");
    }

    /// <param name="widths">The widths that the page must fit.</param>
    /// <param name="judged">The widths in which the rules of accessibility are looked at, which takes seconds; by default the window's own.</param>
    internal static async Task CheckAsync(Visitor visitor, int[] widths, string name, int[]? judged = null)
    {
        var window = visitor.Page.ViewportSize!;
        judged ??= [window.Width];
        foreach (var width in widths)
        {
            await visitor.Page.SetViewportSizeAsync(width, window.Height);
            // Half-transparent while it appears, a colour would be judged that nobody reads.
            await visitor.Page.WaitForFunctionAsync("() => document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)");
            if (judged.Contains(width))
            {
                var found = await visitor.Page.RunAxe();
                Assert.True(found.Violations.Length == 0, $"{name} at {width}: " + string.Join("\n", found.Violations.Select(violation =>
                    $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")));
            }

            Assert.InRange(await visitor.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"), 0, width);
            Assert.Empty(visitor.Violations);
        }

        await visitor.Page.SetViewportSizeAsync(window.Width, window.Height);
    }
}
