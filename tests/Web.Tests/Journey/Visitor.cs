using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Throughline.Testing;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

/// <summary>A person at the browser. Says what is done, not where it is clicked.</summary>
public sealed class Visitor(IBrowserContext context, IPage page) : IAsyncDisposable
{
    /// <summary>100 requests of 1,000 input and 100 output tokens: $0.35 on gpt-4o.</summary>
    public const string Question = "What did we spend, if all requests ran on gpt-4o?";

    public IPage Page => page;

    public ILocator Figures => page.Locator(".answer .figure");

    public ILocator Source => page.GetByRole(AriaRole.Dialog);

    public async Task SignUpAsync()
    {
        await page.GotoAsync("/sign-up");
        await page.GetByLabel("Name").FillAsync("Maya Okafor");
        await page.GetByLabel("E-mail").FillAsync($"maya-{Guid.NewGuid():N}@example.com");
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Platform.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to know" })).ToBeVisibleAsync();
    }

    public async Task UploadAsync()
    {
        var chooser = await page.RunAndWaitForFileChooserAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "choose a file" }).ClickAsync());
        await chooser.SetFilesAsync(new FilePayload { Name = "usage.csv", MimeType = "text/csv", Buffer = Usage() });
        await Expect(page.GetByText("100 rows read")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
    }

    public async Task AskAsync(string question)
    {
        await page.GetByLabel("Your question").FillAsync(question);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".answer-foot")).ToBeVisibleAsync();
    }

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private static byte[] Usage()
    {
        var text = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
        for (var second = 0; second < 100; second++)
            text.Append(CultureInfo.InvariantCulture, $"2026-03-02 10:{second / 60:00}:{second % 60:00}.0000000,1000,100\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
