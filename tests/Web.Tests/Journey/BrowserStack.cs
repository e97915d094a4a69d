using Microsoft.Playwright;
using Throughline.Testing;

namespace Throughline.Web.Tests.Journey;

/// <summary>The whole platform and the distribution's Chromium in front of it. Without a Chromium nothing is started.</summary>
public sealed class BrowserStack : Platform
{
    private static readonly string[] Chromiums = ["chromium", "chromium-browser", "google-chrome"];

    private const float Patience = 45_000; // milliseconds; a deadline, not a wait

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public override async ValueTask InitializeAsync()
    {
        if (Chromiums.Select(Machine.Find).FirstOrDefault(path => path is not null) is not { } chromium)
            return;
        await base.InitializeAsync();
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    internal Mailbox Mailbox => new(State);

    /// <summary>The first administrator's password, as <c>up</c> has made it.</summary>
    internal string AdminPassword => File.ReadAllText(State.PathOf("secrets", "admin-password")).Trim();

    /// <summary>A fresh browser profile: no cookies, nothing remembered.</summary>
    public async Task<Visitor> VisitAsync(int width = 1440, int height = 1000, ColorScheme theme = ColorScheme.Light)
    {
        Machine.Require("Chromium", Chromiums);
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = Frontend.ToString(),
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = theme,
        });
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        var violations = new List<string>();
        await page.ExposeFunctionAsync("reportViolation", (string what) => violations.Add(what));
        await page.AddInitScriptAsync("document.addEventListener('securitypolicyviolation', e => reportViolation(`${e.effectiveDirective} at ${location.pathname}: ${e.blockedURI} ${e.sample}`))");
        return new Visitor(context, page, violations);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_browser is null)
            return;
        await _browser.DisposeAsync();
        _playwright!.Dispose();
        await base.DisposeAsync();
    }
}

/// <summary>Tests that share the one stack; each signs up its own user.</summary>
[CollectionDefinition(Name)]
public sealed class InTheBrowser : ICollectionFixture<BrowserStack>
{
    public const string Name = "In the browser";
}

/// <summary>A stack of their own for those that leave reports in its state.</summary>
[CollectionDefinition(Name)]
public sealed class WithReports : ICollectionFixture<BrowserStack>
{
    public const string Name = "With reports";
}
