using System.Security.Cryptography;

namespace Throughline.Verify;

/// <summary>Starts systems on temporary state folders, and leaves neither behind.</summary>
internal sealed class Workshop(VerifyOptions options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<OwnStack> _stacks = [];
    private readonly List<string> _folders = [];
    private ScriptedModel? _model;

    /// <summary>What the system under test is started with: everything as usual.</summary>
    private static StackSettings Usual { get; } = new();

    /// <summary>What the second system is started with: all that runs out does so soon.</summary>
    private StackSettings Hurried(Uri model) => new()
    {
        Model = model,
        ToolTimeout = TimeSpan.FromMilliseconds(100 * options.Slack),
        TicketLifetime = TimeSpan.FromSeconds(Math.Ceiling(2 * options.Slack)),
        LimitWindow = TimeSpan.FromSeconds(3 * options.Slack),
        FailedLoginsPerAddress = 25,
        SharedSecret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)),
    };

    /// <summary>How the last start went, as far as it went; null where nothing was started.</summary>
    public CommandRun? LastStart
    {
        get
        {
            lock (_gate) return _stacks.LastOrDefault()?.DescribeEnd("up");
        }
    }

    /// <summary>An empty folder, for the owner only.</summary>
    public string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("throughline-verify-").FullName; // mode 0700
        lock (_gate) _folders.Add(folder);
        return folder;
    }

    /// <summary>Begins to start one; whoever calls waits for it to be ready.</summary>
    public OwnStack Begin(string state, StackSettings settings, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var all = settings.ToEnvironment().Concat(environment ?? new Dictionary<string, string>()).ToDictionary(e => e.Key, e => e.Value);
        var stack = OwnStack.Start(options.Launcher, state, arguments, all, options.Time);
        lock (_gate) _stacks.Add(stack);
        return stack;
    }

    /// <summary>Starts the system under test and waits until it is ready.</summary>
    public Task<SystemUnderTest> StartMainAsync(CancellationToken cancellationToken) => StartAsync(Usual, null, cancellationToken);

    /// <summary>Starts the second one, beside a model that invents.</summary>
    public Task<SystemUnderTest> StartSecondAsync(CancellationToken cancellationToken)
    {
        _model = ScriptedModel.Start();
        return StartAsync(Hurried(_model.Endpoint), _model, cancellationToken);
    }

    private async Task<SystemUnderTest> StartAsync(StackSettings settings, ScriptedModel? model, CancellationToken cancellationToken)
    {
        var state = NewFolder();
        var stack = Begin(state, settings, []);
        await stack.ReadyAsync(cancellationToken);
        return new SystemUnderTest(options, state, origin: null, isOwn: true, settings) { Own = stack, Model = model };
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_stacks.Select(s => s.DisposeAsync().AsTask()));
        _model?.Dispose();
        foreach (var folder in _folders) Delete(folder);
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A temporary folder that something still writes to; the system clears it.
        }
    }
}
