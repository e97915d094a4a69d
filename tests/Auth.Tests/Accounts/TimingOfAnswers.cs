using System.Diagnostics;
using System.Globalization;
using System.Net;
using Throughline.Testing;

namespace Throughline.Auth.Tests.Accounts;

/// <summary>
/// Whether the time of an answer tells if an e-mail is known. Known and unknown ones come in random order, so that what a request
/// leaves behind (a mail being written, a file being synced) falls on both alike.
/// </summary>
public sealed class TimingOfAnswers
{
    private const double Threshold = 4.5; // of test vector leakage assessment
    private const int Accounts = 5;

    [Fact]
    public async Task A_failed_sign_in_takes_as_long_for_an_e_mail_that_nobody_has()
    {
        await using var process = await StartAsync();
        await MeasureAsync(process, "login", email => new { email, password = "not-the-password" }, "/auth/login", HttpStatusCode.Unauthorized, SuiteSize.Of(300, 2_000), pace: null);
    }

    [Fact]
    public async Task So_does_a_request_for_a_new_password()
    {
        await using var process = await StartAsync();
        // Faster than the mails are written it would measure a queue that is full.
        await MeasureAsync(
            process, "forgot", email => new { email }, "/auth/password/forgot", HttpStatusCode.Accepted, SuiteSize.Of(150, 2_000), pace: TimeSpan.FromMilliseconds(10));
    }

    /// <param name="samples">How many of each kind.</param>
    private static async Task MeasureAsync(
        AuthProcess process, string name, Func<string, object> bodyFor, string path, HttpStatusCode expected, int samples, TimeSpan? pace)
    {
        var auth = new AuthClient(process);
        var random = new Random(SuiteSize.Seed);
        var known = new List<string>();
        for (var i = 0; i < Accounts; i++) known.Add((await auth.SignUpAsync()).Email);
        var unknown = known.ConvertAll(_ => AuthClient.NewEmail()); // as long, letter for letter
        for (var i = 0; i < 10; i++) await auth.PostAsync(path, bodyFor((i % 2 == 0 ? known : unknown)[i % Accounts])); // the first ones compile

        var kinds = Enumerable.Repeat(true, samples).Concat(Enumerable.Repeat(false, samples)).ToArray();
        random.Shuffle(kinds);
        var (knownMs, unknownMs) = (new List<double>(samples), new List<double>(samples));
        using var timer = pace is { } every ? new PeriodicTimer(every, TimeProvider.System) : null;
        foreach (var isKnown in kinds)
        {
            if (timer is not null) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            var body = bodyFor((isKnown ? known : unknown)[random.Next(Accounts)]);
            var began = Stopwatch.GetTimestamp();
            var answer = await auth.PostAsync(path, body);
            (isKnown ? knownMs : unknownMs).Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Assert.Equal(expected, answer.Status);
        }

        var t = Statistics.WelchT(knownMs, unknownMs);
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: Welch's t = {t:0.00} over {samples} + {samples} (known {knownMs.Average():0.00} ms, unknown {unknownMs.Average():0.00} ms), seed {SuiteSize.Seed}");
        TestContext.Current.TestOutputHelper!.WriteLine(summary);
        Console.WriteLine(summary);
        Assert.True(Math.Abs(t) < Threshold, summary);
    }

    private static Task<AuthProcess> StartAsync() => AuthProcess.StartAsync(
        TestContext.Current.CancellationToken, ("Accounts__FailedLoginsPerAccount", "1000000"), ("Accounts__FailedLoginsPerAddress", "1000000"),
        ("Accounts__FailedLoginsFromEverywhere", "1000000"), ("Accounts__CodesPerAddress", "1000000"), ("Accounts__MailsPerAccount", "1000000"));
}
