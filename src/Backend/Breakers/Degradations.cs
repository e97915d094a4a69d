using Throughline.Contracts.Threads;

namespace Throughline.Backend.Breakers;

/// <summary>What an open breaker means for people: what works and what does not.</summary>
internal sealed class Degradations(DependencyBreakers breakers)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _away = [];

    /// <summary>What does not work at present, for a connection that is new.</summary>
    public IReadOnlyList<ServerFrame> Present
    {
        get
        {
            lock (_gate) return [.. _away.Select(dependency => new Degraded(dependency, Words(dependency)))];
        }
    }

    /// <summary>What has changed since the last look. A breaker that tries (half-open) is neither away nor back.</summary>
    public IReadOnlyList<ServerFrame> Changes()
    {
        lock (_gate)
        {
            var changes = new List<ServerFrame>();
            foreach (var breaker in breakers.States)
            {
                if (breaker.State == "open" && _away.Add(breaker.Dependency)) changes.Add(new Degraded(breaker.Dependency, Words(breaker.Dependency)));
                else if (breaker.State == "closed" && _away.Remove(breaker.Dependency)) changes.Add(new Recovered(breaker.Dependency, WordsBack(breaker.Dependency)));
            }

            return changes;
        }
    }

    private static string Words(string dependency) => dependency switch
    {
        "store" => "Questions are answered, and limits hold on each node alone. Signing in is closed until it is back.",
        "database" => "New questions are not accepted, and threads cannot be read. What was accepted before is kept, and answered when it is back.",
        "auth" => "Questions are answered for whoever is signed in. Signing in may fail, and changes to accounts arrive later.",
        "object storage" => "Files cannot be uploaded, and questions about files cannot be answered. Threads and all other questions work.",
        "model" => "Questions are answered without the language model: the figures are the same, the words plainer.",
        _ => "Some of the service may not work. Try again in a little while.",
    };

    private static string WordsBack(string dependency) => dependency switch
    {
        "store" => "Signing in is open again, and limits are counted by all nodes together.",
        "database" => "Threads can be read and questions asked again. What was accepted before is being answered.",
        "auth" => "Signing in works again, and changes to accounts have arrived.",
        "object storage" => "Files can be uploaded and asked about again.",
        "model" => "Answers are phrased by the language model again.",
        _ => "All is well again.",
    };
}
