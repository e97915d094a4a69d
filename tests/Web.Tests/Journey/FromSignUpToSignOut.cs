using System.Diagnostics;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class FromSignUpToSignOut(BrowserStack stack)
{
    [Fact]
    public async Task A_new_user_uploads_asks_opens_a_source_reloads_and_signs_out()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.UploadAsync();
        await maya.AskAsync(Visitor.Question);

        await Expect(maya.Figures.First).ToHaveTextAsync("$0.35");
        await maya.Figures.First.ClickAsync();
        await Expect(maya.Source.GetByText("usage.csv")).ToBeVisibleAsync();
        await Expect(maya.Source.GetByText("Recomputed", new() { Exact = true })).ToBeVisibleAsync();
        await maya.Page.Keyboard.PressAsync("Escape");
        await Expect(maya.Source).ToHaveCountAsync(0);
        await Expect(maya.Figures.First).ToBeFocusedAsync();
        await maya.Figures.Last.HoverAsync();
        await Expect(maya.Source).ToBeVisibleAsync();
        await maya.Page.Mouse.MoveAsync(5, 500);
        await Expect(maya.Source).ToHaveCountAsync(0);

        await maya.Page.ReloadAsync();
        await Expect(maya.Page.GetByRole(AriaRole.Heading, new() { Level = 2, Name = Visitor.Question })).ToBeVisibleAsync();
        await Expect(maya.Figures.First).ToHaveTextAsync("$0.35");

        await maya.Page.GetByRole(AriaRole.Button, new() { Name = "Maya Okafor" }).PressAsync("Enter");
        await maya.Page.GetByText("Sign out").ClickAsync();
        await Expect(maya.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await maya.Page.ReloadAsync();
        await Expect(maya.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_keyboard_alone_leads_from_a_question_to_its_source_and_back()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.UploadAsync();
        await maya.Page.Locator("h1").FocusAsync();
        await maya.Page.Keyboard.PressAsync("/");
        await Expect(maya.Page.GetByLabel("Your question")).ToBeFocusedAsync();
        await maya.Page.Keyboard.TypeAsync(Visitor.Question);
        await maya.Page.Keyboard.PressAsync("Enter");
        await Expect(maya.Page.Locator(".answer-foot")).ToBeVisibleAsync();

        await maya.Figures.First.FocusAsync();
        await maya.Page.Keyboard.PressAsync("Space");
        await Expect(maya.Source).ToBeFocusedAsync();
        await maya.Page.Keyboard.PressAsync("Escape");
        await Expect(maya.Figures.First).ToBeFocusedAsync();
        await maya.Page.Keyboard.PressAsync("Alt+n");
        await Expect(maya.Page).ToHaveURLAsync(stack.Frontend.ToString());
        await maya.Page.Locator("h1").FocusAsync();
        await maya.Page.Keyboard.PressAsync("?");
        await Expect(maya.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_list_of_files_from_before_an_upload_does_not_take_it_out_of_the_question()
    {
        await using var maya = await stack.VisitAsync();
        var (uploaded, isFirst) = (new TaskCompletionSource(), true);
        await maya.Page.RouteAsync("**/api/files", async route =>
        {
            if (route.Request.Method != "GET" || !isFirst)
            {
                await route.ContinueAsync();
                return;
            }

            isFirst = false;
            var empty = await route.FetchAsync();
            await uploaded.Task;
            await route.FulfillAsync(new() { Response = empty });
        });
        await maya.SignUpAsync();
        await maya.UploadAsync();
        await maya.Page.RunAndWaitForResponseAsync(() => { uploaded.SetResult(); return Task.CompletedTask; }, answer => answer.Url.EndsWith("/api/files", StringComparison.Ordinal));
        await maya.AskAsync(Visitor.Question);

        await Expect(maya.Figures.First).ToHaveTextAsync("$0.35");
        await maya.GoAsync("/files", "Files");
        await Expect(maya.Page.GetByText("usage.csv").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_backend_that_dies_is_seen_and_the_thread_goes_on_where_it_stood()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.UploadAsync();
        await maya.AskAsync(Visitor.Question);

        using (var backend = Process.GetProcessById(stack.Stack.RecordOf("backend").Pid))
            backend.Kill();
        await Expect(maya.Page.Locator(".connection.broken")).ToBeVisibleAsync();
        await Expect(maya.Page.GetByText("Reconnected. Nothing missed.")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(maya.Page.Locator(".run")).ToHaveCountAsync(1);
        await Expect(maya.Figures.First).ToHaveTextAsync("$0.35");
    }

    [Fact]
    public async Task A_wrong_password_is_said_at_its_field()
    {
        await using var somebody = await stack.VisitAsync();
        await somebody.Page.GotoAsync("/devices");
        await Expect(somebody.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in\\?return=%2Fdevices$"));
        await somebody.Page.GetByLabel("E-mail").FillAsync("nobody@example.com");
        var password = somebody.Page.GetByLabel("Password", new() { Exact = true });
        await password.FillAsync("not the password");
        await password.PressAsync("Enter");

        await Expect(password).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(password).ToHaveAccessibleDescriptionAsync("E-mail and password do not match.");
        await Expect(password).ToBeFocusedAsync();
    }
}
