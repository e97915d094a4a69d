using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class Administering(BrowserStack stack)
{
    public const string Email = "admin@throughline.local";

    [Fact]
    public async Task An_administrator_changes_a_tier_and_shuts_a_user_out_who_is_gone_at_once_and_the_audit_log_tells()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await using var admin = await stack.VisitAsync();
        await admin.SignInAsync(Email, stack.AdminPassword);
        await admin.Page.GetByRole(AriaRole.Link, new() { Name = "Administration" }).ClickAsync();
        await admin.SeeHeadingAsync("Users");
        await admin.Page.GetByLabel("Part of a name or an e-mail").FillAsync(maya.Email);
        await Expect(admin.Page.Locator(".people tbody tr")).ToHaveCountAsync(1);

        await admin.Page.GetByLabel($"Tier of {maya.Email}").SelectOptionAsync("mid");
        await Expect(admin.Page.GetByLabel($"Tier of {maya.Email}")).ToBeEnabledAsync();
        await maya.GoAsync("/settings/account", "Delete account");
        await maya.Page.ReloadAsync();
        await maya.SeeAsync("Mid tier");

        await ChooseAsync(admin, maya.Email, "Disable");
        await admin.PressAsync("Disable");
        await Expect(admin.Page.Locator(".people .pill.bad")).ToHaveTextAsync("Disabled");
        await maya.SeeHeadingAsync("You were signed out on another device.");

        await ChooseAsync(admin, maya.Email, "Audit log");
        await admin.SeeHeadingAsync("Audit log");
        await Expect(admin.Page.GetByLabel("User")).ToHaveValueAsync(maya.Email);
        await admin.SeeAsync("disabled");
        await admin.SeeAsync("tier free → mid");
        await admin.Page.GetByLabel("Event").SelectOptionAsync("account.created");
        await Expect(admin.Page.Locator(".audit tbody tr")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task The_last_administrator_stays_and_nobody_else_sees_the_page()
    {
        await using var admin = await stack.VisitAsync();
        await admin.SignInAsync(Email, stack.AdminPassword);
        await admin.GoAsync("/admin", "Users");
        await admin.Page.GetByLabel("Part of a name or an e-mail").FillAsync(Email);
        await Expect(admin.Page.Locator(".people tbody tr")).ToHaveCountAsync(1);
        await ChooseAsync(admin, Email, "Make a user");
        await admin.PressAsync("Make a user");
        await admin.SeeAsync("This is the last administrator: make another one first.");

        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await Expect(maya.Page.GetByText("Administration")).ToHaveCountAsync(0);
        await maya.GoAsync("/admin/audit", "This page is for administrators.");
    }

    private static async Task ChooseAsync(Visitor admin, string email, string action)
    {
        await admin.PressAsync($"More for {email}");
        await admin.Page.Locator(".menu-list").GetByText(action, new() { Exact = true }).ClickAsync();
    }
}
