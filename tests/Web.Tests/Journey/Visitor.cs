using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Throughline.Testing;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

/// <summary>A person at the browser. Says what is done, not where it is clicked.</summary>
public sealed class Visitor(IBrowserContext context, IPage page, List<string> violations) : IAsyncDisposable
{
    /// <summary>100 requests of 1,000 input and 100 output tokens: $0.35 on gpt-4o.</summary>
    public const string Question = "What did we spend, if all requests ran on gpt-4o?";

    public IPage Page => page;

    public IBrowserContext Context => context;

    /// <summary>Of the account that was made with <see cref="SignUpAsync"/>.</summary>
    public string Email { get; } = $"maya-{Guid.NewGuid():N}@example.com";

    /// <summary>What the content security policy has stopped.</summary>
    public IReadOnlyList<string> Violations => violations;

    public ILocator Figures => page.Locator(".answer .figure");

    public ILocator Source => page.GetByRole(AriaRole.Dialog);

    public ILocator Dialog => page.GetByRole(AriaRole.Dialog);

    public async Task SignUpAsync()
    {
        await page.GotoAsync("/sign-up");
        await page.GetByLabel("Name").FillAsync("Maya Okafor");
        await page.GetByLabel("E-mail").FillAsync(Email);
        await Field("Password").FillAsync(Platform.Password);
        await PressAsync("Create account");
        await SeeHeadingAsync("What do you want to know");
    }

    /// <summary>Fills in e-mail and password; what comes next may be a second step.</summary>
    public async Task EnterAsync(string email, string password)
    {
        await SeeHeadingAsync("Sign in");
        await page.GetByLabel("E-mail").FillAsync(email);
        await Field("Password").FillAsync(password);
        await PressAsync("Sign in");
    }

    public async Task SignInAsync(string email, string password)
    {
        await page.GotoAsync("/sign-in");
        await EnterAsync(email, password);
        await SeeHeadingAsync("What do you want to know");
    }

    /// <summary>Whatever page it is: somebody is signed in on it.</summary>
    public Task SeeSignedInAsync() => Expect(page.Locator(".rail .account")).ToBeVisibleAsync();

    public async Task SignOutAsync()
    {
        await page.Locator(".rail .account").ClickAsync();
        await page.Locator(".menu-list").GetByText("Sign out").ClickAsync();
        await SeeHeadingAsync("Sign in");
    }

    /// <summary>Goes to another page of the app without loading it again.</summary>
    public async Task GoAsync(string path, string heading)
    {
        await page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
        await SeeHeadingAsync(heading);
    }

    public ILocator Field(string label) => page.GetByLabel(label, new() { Exact = true });

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public Task PressAsync(string button) => Button(button).ClickAsync();

    public Task SeeAsync(string text) => Expect(page.GetByText(text).First).ToBeVisibleAsync();

    public Task SeeHeadingAsync(string name) => Expect(page.GetByRole(AriaRole.Heading, new() { Name = name }).First).ToBeVisibleAsync();

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
