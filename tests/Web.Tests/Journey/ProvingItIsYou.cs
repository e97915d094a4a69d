using Microsoft.Playwright;
using OtpNet;
using Throughline.Testing;
using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class ProvingItIsYou(BrowserStack stack)
{
    [Fact]
    public async Task A_second_step_is_set_up_from_the_page_and_passed_with_a_code_or_a_recovery_code()
    {
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.GoAsync("/settings/security", "Signing in");
        await maya.PressAsync("Set up two-step sign-in");
        await maya.Field("Your password").FillAsync(Platform.Password);
        await maya.PressAsync("Go on");
        await Expect(maya.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" })).ToBeVisibleAsync();
        var authenticator = new Totp(Base32Encoding.ToBytes((await maya.Page.Locator("#totp-secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal)));
        await maya.Field("Code").FillAsync(authenticator.ComputeTotp());
        await maya.PressAsync("Turn on");
        await Expect(maya.Page.Locator(".recovery-codes")).ToBeVisibleAsync();
        var codes = await maya.Page.Locator(".recovery-codes li").AllInnerTextsAsync();
        await maya.PressAsync("I have kept them");
        await maya.SeeAsync($"{codes.Count} recovery codes left.");

        await maya.SignOutAsync();
        await maya.EnterAsync(maya.Email, Platform.Password);
        await Expect(maya.Field("Code")).ToBeFocusedAsync();
        await maya.Field("Code").FillAsync("000000");
        await maya.PressAsync("Sign in");
        await Expect(maya.Field("Code")).ToHaveAttributeAsync("aria-invalid", "true");
        // A step's code counts once, and setting up took the present one; the next is good already.
        await maya.Field("Code").FillAsync(authenticator.ComputeTotp(DateTime.UnixEpoch.AddSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 30)));
        await maya.PressAsync("Sign in");
        await maya.SeeSignedInAsync();

        await maya.SignOutAsync();
        await maya.EnterAsync(maya.Email, Platform.Password);
        await maya.PressAsync("Use a recovery code");
        await maya.Field("Recovery code").FillAsync(codes[3]);
        await maya.Page.Keyboard.PressAsync("Enter");
        await maya.SeeSignedInAsync();
        await maya.GoAsync("/settings/security", "Signing in");
        await maya.SeeAsync($"{codes.Count - 1} recovery codes left.");

        await maya.PressAsync("Turn two-step sign-in off");
        await maya.Field("Your password").FillAsync(Platform.Password);
        await maya.Field("Code").FillAsync(codes[4]);
        await maya.PressAsync("Turn off");
        await Expect(maya.Button("Set up two-step sign-in")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_passkey_signs_in_alone_until_it_is_removed()
    {
        await using var maya = await stack.VisitAsync();
        await AddAuthenticatorAsync(maya);
        await maya.SignUpAsync();
        await maya.GoAsync("/settings/security", "Passkeys");
        await maya.PressAsync("Add a passkey");
        await maya.Field("Name").FillAsync("Red key");
        await maya.Field("Your password").FillAsync(Platform.Password);
        await maya.Page.Keyboard.PressAsync("Enter");
        await Expect(maya.Button("Remove Red key")).ToBeVisibleAsync();

        await maya.SignOutAsync();
        await maya.PressAsync("Sign in with a passkey");
        await maya.SeeSignedInAsync();
        await Expect(maya.Page.Locator(".rail .account")).ToContainTextAsync(maya.Email);

        await maya.GoAsync("/settings/security", "Passkeys");
        await maya.PressAsync("Remove Red key");
        await maya.PressAsync("Remove");
        await maya.SeeAsync("None yet.");
        await maya.SignOutAsync();
        await maya.PressAsync("Sign in with a passkey");
        await maya.SeeAsync("No account can be signed in with this passkey.");
    }

    /// <summary>What stands in for a finger on a sensor is the browser's own, over its debugging protocol; everything else is real.</summary>
    private static async Task AddAuthenticatorAsync(Visitor visitor)
    {
        var devTools = await visitor.Context.NewCDPSessionAsync(visitor.Page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
