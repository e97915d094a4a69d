using static Microsoft.Playwright.Assertions;

namespace Throughline.Web.Tests.Journey;

[Collection(InTheBrowser.Name)]
public sealed class ConfirmingAnEmail(BrowserStack stack)
{
    [Fact]
    public async Task The_newest_mailed_link_confirms_the_address_once_and_an_older_one_says_what_to_do()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var maya = await stack.VisitAsync();
        await maya.SignUpAsync();
        await maya.SeeAsync("Check your mail");
        await maya.SeeAsync(stack.Mailbox.Folder);
        var older = await stack.Mailbox.LinkAsync(maya.Email, "/verify-email", 1, stop);
        await maya.PressAsync("Send it again");
        await Expect(maya.Button("Sent")).ToBeDisabledAsync();
        var newest = await stack.Mailbox.LinkAsync(maya.Email, "/verify-email", 2, stop);

        await maya.Page.GotoAsync(older);
        await maya.SeeHeadingAsync("This link does not work any more");
        await Expect(maya.Button("Send it again")).ToBeVisibleAsync();
        await maya.Page.GotoAsync("/sign-in"); // else the next address differs in its fragment alone, and nothing is loaded
        await maya.Page.GotoAsync(newest);
        await maya.SeeHeadingAsync("Your e-mail is confirmed");
        Assert.DoesNotContain("code=", maya.Page.Url, StringComparison.Ordinal);
        await maya.Page.GetByText("Go on").ClickAsync();
        await maya.SeeHeadingAsync("What do you want to know");
        await Expect(maya.Page.GetByText("Check your mail")).ToHaveCountAsync(0);

        await maya.GoAsync("/settings/activity", "What happened lately");
        await maya.SeeAsync("The e-mail was confirmed");
        await maya.Page.GotoAsync(newest);
        await maya.SeeHeadingAsync("This link does not work any more");
    }
}
