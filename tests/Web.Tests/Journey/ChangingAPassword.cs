using Throughline.Testing;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class ChangingAPassword(BrowserStack stack)
{
    private const string Better = "Seven-Otters-Juggle-Lanterns";

    [Fact]
    public async Task A_forgotten_password_is_set_by_mail_and_every_device_is_signed_out_while_it_is_looked_at()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await using var elsewhere = await stack.VisitAsync();
        await elsewhere.Page.GotoAsync("/sign-in");
        await elsewhere.Page.GetByText("Forgot it?").ClickAsync();
        await elsewhere.SeeHeadingAsync("Forgot the password");
        await elsewhere.Page.GetByLabel("E-mail").FillAsync(maya.Email);
        await elsewhere.PressAsync("Send the link");
        await elsewhere.SeeAsync("Check your mail.");

        await elsewhere.Page.GotoAsync(await stack.Mailbox.LinkAsync(maya.Email, "/reset-password", 1, TestContext.Current.CancellationToken));
        await elsewhere.SeeHeadingAsync("Choose a new password");
        await elsewhere.Field("New password").FillAsync("password1234");
        await elsewhere.PressAsync("Set the password");
        await Expect(elsewhere.Field("New password")).ToHaveAttributeAsync("aria-invalid", "true");
        await elsewhere.Field("New password").FillAsync(Better);
        await elsewhere.PressAsync("Set the password");
        await elsewhere.SeeHeadingAsync("Your password is new");

        await maya.SeeHeadingAsync("You were signed out on another device.");
        await elsewhere.Page.Locator("a.primary").ClickAsync();
        await elsewhere.EnterAsync(maya.Email, Platform.Password);
        await Expect(elsewhere.Field("Password")).ToHaveAccessibleDescriptionAsync("E-mail and password do not match.");
        await elsewhere.EnterAsync(maya.Email, Better);
        await elsewhere.SeeHeadingAsync("What do you want to know");
    }

    [Fact]
    public async Task Changing_it_asks_for_the_old_one_and_signs_out_the_other_device_but_not_this_one()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await using var other = await stack.VisitAsync();
        await other.SignInAsync(maya.Email, Platform.Password);

        await maya.GoAsync("/settings/security", "Signing in");
        await maya.PressAsync("Change the password");
        await Expect(maya.Field("Current password")).ToBeFocusedAsync();
        await maya.Field("Current password").FillAsync("not it at all");
        await maya.Field("New password").FillAsync(Better);
        await maya.Dialog.GetByText("Change the password").Last.ClickAsync();
        await Expect(maya.Field("Current password")).ToHaveAccessibleDescriptionAsync("This is not your password.");
        await maya.Field("Current password").FillAsync(Platform.Password);
        await maya.Page.Keyboard.PressAsync("Enter");

        await maya.SeeAsync("Your password is changed.");
        await other.SeeHeadingAsync("You were signed out on another device.");
        await maya.GoAsync("/devices", "Devices");
        await maya.SeeAsync("This device");
        await maya.SeeAsync("this machine");
    }
}
