namespace Throughline.Analysis.Sample;

/// <summary>Makes the rows, in order of time, from the seed alone.</summary>
internal static class SampleRows
{
    private const int RecentPrompts = 64;

    /// <summary>A prompt that may be sent again, and whether the usual and the dearer model have answered it.</summary>
    private struct Recent
    {
        public ulong Prompt;
        public int Input;
        public bool IsAnsweredUsually, IsAnsweredDearly;
    }

    public static IEnumerable<SampleRow> Generate(SampleOptions options)
    {
        var random = new SampleRandom(options.Seed);
        var anomalyDay = AnomalyDay(options);
        var hours = HourWeights(options, anomalyDay, ref random);
        var total = hours.Sum();
        var recent = new Recent[SampleWorld.Features.Length][];
        for (var i = 0; i < recent.Length; i++)
        {
            recent[i] = new Recent[RecentPrompts];
        }

        var row = new SampleRow();
        var start = options.From.ToDateTime(TimeOnly.MinValue);
        long done = 0, weight = 0;
        for (var hour = 0; hour < hours.Length; hour++)
        {
            weight += hours[hour];
            var until = (long)((Int128)weight * options.Rows / total);
            var count = until - done;
            var isAnomaly = hour == anomalyDay * 24 + SampleWorld.AnomalyHour;
            for (var i = 0L; i < count; i++)
            {
                row.Number = ++done;
                row.Day = hour / 24;
                row.At = start.AddMilliseconds(hour * 3_600_000.0 + (long)((Int128)3_600_000 * i / count) + random.Below((int)Math.Max(1, 3_600_000 / count)));
                Fill(row, hour % 24, isAnomaly, recent, ref random);
                yield return row;
            }
        }
    }

    /// <summary>A Tuesday, Wednesday or Thursday about two thirds in; -1 where the sample is too short for one day to stand out.</summary>
    public static int AnomalyDay(SampleOptions options)
    {
        if (options.Days < 7)
        {
            return -1;
        }

        var day = options.Days * 2 / 3;
        while (options.From.AddDays(day).DayOfWeek is not (DayOfWeek.Tuesday or DayOfWeek.Wednesday or DayOfWeek.Thursday))
        {
            day--;
        }

        return day;
    }

    private static long[] HourWeights(SampleOptions options, int anomalyDay, ref SampleRandom random)
    {
        var hours = new long[options.Days * 24];
        for (var day = 0; day < options.Days; day++)
        {
            var ofDay = SampleWorld.WeekdayWeights[(int)options.From.AddDays(day).DayOfWeek] * (94 + random.Below(13));
            for (var hour = 0; hour < 24; hour++)
            {
                hours[day * 24 + hour] = (long)ofDay * SampleWorld.HourWeights[hour]
                    * (day == anomalyDay && hour == SampleWorld.AnomalyHour ? SampleWorld.AnomalyTraffic : 1);
            }
        }

        return hours;
    }

    private static void Fill(SampleRow row, int hour, bool isAnomaly, Recent[][] recent, ref SampleRandom random)
    {
        row.IsNightly = hour is 1 or 2 && random.Percent(80);
        row.Feature = row.IsNightly ? SampleWorld.Nightly : Pick(isAnomaly, ref random);
        var feature = SampleWorld.Features[row.Feature];
        row.IsAnomaly = isAnomaly && row.Feature == SampleWorld.Emails;
        row.Model = row.IsAnomaly ? SampleWorld.AnomalyModel : feature.Model;
        row.Provider = row.IsAnomaly ? SampleWorld.AnomalyProvider : feature.Provider;
        row.User = row.IsNightly ? 0 : Math.Min(random.Below(SampleWorld.Users.Length), random.Below(SampleWorld.Users.Length)); // some ask far more than others
        row.IsError = random.Below(1000) < 14;
        row.PrefixTokens = feature.PrefixTokens;

        ref var prompt = ref recent[row.Feature][random.Below(RecentPrompts)];
        if (!random.Percent(feature.DuplicatePercent) || prompt.Input == 0)
        {
            prompt = new Recent { Prompt = random.Next(), Input = feature.PrefixTokens + random.Around(feature.InputTokens) };
        }

        (row.Prompt, row.Input) = (prompt.Prompt, prompt.Input);
        ref var isAnswered = ref row.IsAnomaly ? ref prompt.IsAnsweredDearly : ref prompt.IsAnsweredUsually;
        row.IsRepeat = isAnswered && !row.IsError;
        isAnswered |= !row.IsError;
        row.Output = feature.OutputTokens == 0 ? 0 : random.Around(feature.OutputTokens);
        var isCached = random.Percent(feature.CachedPercent);
        row.Cached = isCached ? feature.PrefixTokens / 128 * 128 : 0; // providers cache whole blocks
        row.Written = !isCached && row.Provider == "anthropic" && !row.IsAnomaly ? feature.PrefixTokens / 128 * 128 : 0;
        row.FirstTokenMs = 120 + random.Below(240) + row.Input / 40;
        row.LatencyMs = row.FirstTokenMs + row.Output * feature.MsPerOutputToken;
        if (row.IsError)
        {
            (row.Input, row.Cached, row.Written, row.Output, row.PrefixTokens) = (0, 0, 0, 0, 0);
            row.LatencyMs = 30 + random.Below(400);
            row.FirstTokenMs = 0;
        }
    }

    private static int Pick(bool isAnomaly, ref SampleRandom random)
    {
        if (isAnomaly && random.Percent(80))
        {
            return SampleWorld.Emails;
        }

        var at = random.Below(100);
        var feature = 0;
        while (at >= SampleWorld.Features[feature].Share)
        {
            at -= SampleWorld.Features[feature++].Share;
        }

        return feature;
    }
}
