using System.Globalization;
using System.Text.Json.Nodes;

namespace Throughline.Verify.Checks.Journey;

/// <summary>Check 2 once more, as a person makes the journey: in a real browser, through the public origin.</summary>
internal sealed class BrowserJourney : CheckPart
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(20);
    private static readonly Assertion SignedUp = new("journey.browser.signup", "In a browser somebody signs up and is in") { Needs = Needs.Browser, Deadline = Within };
    private static readonly Assertion Answered = new("journey.browser.answer", "In a browser a usage file is chosen, a question asked, and the answer shows the true total") { Needs = Needs.Browser, Deadline = Within };
    private static readonly Assertion SignedOut = new("journey.browser.signout", "In a browser signing out leads to the sign-in page, and the page that was open stays shut") { Needs = Needs.Browser, Deadline = Within };

    public override IReadOnlyList<Assertion> Assertions { get; } = [SignedUp, Answered, SignedOut];

    public override bool IsHeavy => true;

    public override async Task RunAsync(CheckRun run, CancellationToken cancellationToken)
    {
        if (run.System.Lacks(Needs.Browser) is not null) return; // excluded
        DevTools? browser = null;
        try
        {
            await run.MustAsync(SignedUp, async (probe, stop) =>
            {
                var program = DevTools.Find() ?? throw new NotJudged("no Chromium was found on this machine; --browser off leaves this out");
                browser = await DevTools.OpenAsync(program, run.Time, stop);
                await NotedAsync(run, probe, browser, "signing up", () => SignUpAsync(run, browser, stop));
            }, cancellationToken);
            await run.ShowAsync(Answered, (probe, stop) => NotedAsync(run, probe, browser!, "asking", () => AskAsync(run, browser!, probe, stop)), cancellationToken);
            await run.ShowAsync(SignedOut, (probe, stop) => NotedAsync(run, probe, browser!, "signing out", () => SignOutAsync(run, browser!, stop)), cancellationToken);
        }
        finally
        {
            if (browser is not null) await browser.DisposeAsync();
        }
    }

    private static async Task SignUpAsync(CheckRun run, DevTools browser, CancellationToken cancellationToken)
    {
        var (email, password) = (Members.NewEmail("browser"), Members.NewPassword());
        run.System.Members.Note(email, password);
        await browser.SendAsync("Page.navigate", new JsonObject { ["url"] = new Uri(run.System.Frontend, "/sign-up").AbsoluteUri }, cancellationToken);
        await browser.TypeAsync("#email", email, cancellationToken);
        await browser.TypeAsync("#password", password, cancellationToken);
        await browser.ClickAsync("Create account", cancellationToken);
        await browser.UntilAsync("the first page after sign-up", "document.querySelector('.rail .account') && document.querySelector('#question')", cancellationToken);
    }

    private static async Task AskAsync(CheckRun run, DevTools browser, Probe probe, CancellationToken cancellationToken)
    {
        var usage = UsageSample.Make(200, 12, "browser");
        var folder = run.Workshop.NewFolder();
        var path = Path.Combine(folder, usage.FileName);
        await File.WriteAllTextAsync(path, usage.ToCsv(), cancellationToken);
        await browser.ChooseFileAsync("choose a file", path, cancellationToken);
        await browser.UntilAsync("that 200 rows were read", "document.body.textContent.includes('200 rows read')", cancellationToken);
        await browser.ClickAsync("Done", cancellationToken);
        await browser.TypeAsync("#question", "What did we spend in total?", cancellationToken);
        await browser.PressEnterAsync(cancellationToken);
        await browser.UntilAsync("the end of the answer", "document.querySelector('.answer-foot')", cancellationToken);
        var figures = await browser.EvaluateAsync("[...document.querySelectorAll('.answer .figure')].map(f => f.textContent.trim()).join(' · ')", cancellationToken);
        var total = string.Create(CultureInfo.InvariantCulture, $"${Math.Round(usage.Total, 2, MidpointRounding.AwayFromZero):0.00}");
        probe.That(figures?.GetString()?.Contains(total, StringComparison.Ordinal) == true, $"the true total, {total}, is not among the figures shown: {figures}");
    }

    private static async Task SignOutAsync(CheckRun run, DevTools browser, CancellationToken cancellationToken)
    {
        await browser.PressAsync(".rail .account", cancellationToken);
        await browser.ClickAsync("Sign out", cancellationToken);
        await browser.UntilAsync("the sign-in page", "location.pathname === '/sign-in' && document.querySelector('#password')", cancellationToken);
        await browser.SendAsync("Page.navigate", new JsonObject { ["url"] = new Uri(run.System.Frontend, "/devices").AbsoluteUri }, cancellationToken);
        await browser.UntilAsync("the sign-in page instead of the devices", "location.pathname === '/sign-in' && document.querySelector('#password')", cancellationToken);
    }

    /// <summary>What the page was at, where it did not go on.</summary>
    private static async Task NotedAsync(CheckRun run, Probe probe, DevTools browser, string action, Func<Task> work)
    {
        try
        {
            await work();
            probe.Add(new BrowserLook(probe.Now, action, run.System.Frontend.AbsoluteUri, "done", []));
        }
        catch (Exception e) when (e is TimeoutException or Refutation or OperationCanceledException)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            string? text = null, url = null;
            try
            {
                text = (await browser.EvaluateAsync("document.body ? document.body.innerText.slice(0, 300) : ''", limit.Token))?.GetString();
                url = (await browser.EvaluateAsync("location.href", limit.Token))?.GetString();
            }
            catch (Exception gone) when (gone is OperationCanceledException or Refutation)
            {
                // It says nothing any more.
            }

            probe.Add(new BrowserLook(probe.Now, action, url ?? "?", text, browser.Console));
            throw;
        }
    }
}
