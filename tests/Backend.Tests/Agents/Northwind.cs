using System.Globalization;
using Throughline.Analysis.Tests.Tools;

namespace Throughline.Backend.Tests.Agents;

/// <summary>A month like many teams have: weekdays, quiet weekends, a nightly job, a cacheable prompt, and one hour on a dear model.</summary>
internal static class Northwind
{
    public static IReadOnlyList<UsageRow> Rows()
    {
        var random = new Random(7);
        var rows = new List<UsageRow>();
        for (var day = 1; day <= 23; day++)
        {
            var date = new DateTime(2025, 11, day, 0, 0, 0, DateTimeKind.Unspecified);
            var isWeekend = date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            for (var i = 0; i < (isWeekend ? 30 : 100); i++)
            {
                rows.Add(new UsageRow(date.AddHours(8).AddSeconds(i * 180), "claude-sonnet-4-5", 2_000 + random.Next(500), 150 + random.Next(100))
                {
                    User = $"user-{i % 9}",
                    Team = i % 2 == 0 ? "support" : "growth",
                    Feature = "support-bot",
                    PrefixHash = "prefix",
                    PrefixTokens = 1_640,
                    PromptHash = $"p{day}-{i}",
                    LatencyMs = 700 + random.Next(900),
                    Status = i % 50 == 0 ? "error" : "ok",
                });
                rows.Add(new UsageRow(date.AddHours(9).AddSeconds(i * 200), "gpt-4o-mini", 1_500 + random.Next(500), 40)
                {
                    User = $"user-{i % 9}",
                    Team = "platform",
                    Feature = "code-completion",
                    PromptHash = $"c{day}-{i}",
                    LatencyMs = 200 + random.Next(100),
                    Status = "ok",
                });
            }

            for (var i = 0; i < 40; i++)
                rows.Add(new UsageRow(date.AddHours(2).AddSeconds(i * 30), "gpt-4.1", 4_000, 500) { User = "cron", Team = "growth", Feature = "nightly-summaries", PromptHash = $"n{day}-{i}", LatencyMs = 4_000, Status = "ok" });
        }

        for (var i = 0; i < 900; i++)
            rows.Add(new UsageRow(new DateTime(2025, 11, 16, 18, 17, 0, DateTimeKind.Unspecified).AddSeconds(i * 3.8), "gpt-4o", 2_048, 28) { User = "user-3", Team = "platform", Feature = "code-completion", PromptHash = "a" + i.ToString(CultureInfo.InvariantCulture), LatencyMs = 600, Status = "ok" });
        for (var i = 0; i < 12; i++)
            rows.Add(new UsageRow(new DateTime(2025, 11, 10, 12, i, 0, DateTimeKind.Unspecified), "internal-rerank-v2", 900, 0) { User = "user-1", Team = "platform", Feature = "search", LatencyMs = 90, Status = "ok" });
        return rows;
    }
}
