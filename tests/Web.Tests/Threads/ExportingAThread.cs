using System.Text.Json;
using Throughline.Contracts.Agents;
using Throughline.Web.Threads;

namespace Throughline.Web.Tests.Threads;

public sealed class ExportingAThread
{
    [Fact]
    public void Values_of_foreign_files_do_not_become_markup()
    {
        var table = new TableActivity("By user", "", "plain", [new("User"), new("Spend", "end")],
            [[new("<img src=x>|[a](javascript:b)"), new("$1.00")]]);
        var view = new Log().Begin("Who?").Say("a1", $"**[$1.00](#f-{Guid.Empty})** in all.")
            .Add(new ActivitySnapshot("t1", "throughline.table", JsonSerializer.SerializeToElement(table, Contracts.WireJson.Default.TableActivity))).Fold();

        var text = ThreadExport.Markdown("Who?", view);

        Assert.Contains("**$1.00** in all.", text, StringComparison.Ordinal);
        Assert.Contains(@"| \<img src=x\>\|\[a\](javascript:b) | $1.00 |", text, StringComparison.Ordinal);
    }
}
