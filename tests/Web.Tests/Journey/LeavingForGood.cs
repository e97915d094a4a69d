using Throughline.Testing;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class LeavingForGood(BrowserStack stack)
{
    [Fact]
    public async Task Deleting_the_account_takes_its_typed_address_and_ends_with_a_receipt_of_what_was_erased()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.UploadAsync();
        await maya.AskAsync(Visitor.Question);
        await maya.GoAsync("/settings/account", "Delete account");
        await maya.PressAsync("Delete account");
        await maya.Page.Locator("#confirmation").FillAsync("somebody@example.com");
        await maya.PressAsync("Delete for good");
        await Expect(maya.Page.Locator("#confirmation")).ToHaveAttributeAsync("aria-invalid", "true");
        await maya.Page.Locator("#confirmation").FillAsync(maya.Email);
        await maya.PressAsync("Delete for good");

        await maya.SeeHeadingAsync("Your account is erased");
        foreach (var erased in new[] { "1 thread", "1 file", "1 session", "1 profile" })
            await Expect(maya.Page.Locator(".receipt .chain")).ToContainTextAsync(erased);
        await maya.Page.ReloadAsync();
        await maya.SeeHeadingAsync("Your account is erased");

        await maya.Page.GotoAsync("/devices");
        await maya.EnterAsync(maya.Email, Platform.Password);
        await Expect(maya.Field("Password")).ToHaveAccessibleDescriptionAsync("E-mail and password do not match.");
    }
}
