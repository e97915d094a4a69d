using Throughline.Client.Problems;
using Throughline.Contracts.Threads;

namespace Throughline.Client.Connection;

/// <summary>Requests that have no answer yet. They outlive a socket: each new one gets them again, until the service acknowledges.</summary>
/// <remarks>Repeating is safe: <c>run.start</c> is idempotent by its id, a second <c>run.cancel</c> finds the run no longer active.</remarks>
internal sealed class PendingRequests
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Request> _open = [];

    public Task<Ack> Add(ClientFrame frame, byte[] encoded)
    {
        var request = new Request(frame, encoded);
        lock (_gate)
        {
            if (!_open.TryAdd(frame.Id!, request))
                throw new ArgumentException("A request with this id is waiting for its answer.", nameof(frame));
        }

        return request.Answer.Task;
    }

    public void Forget(string id)
    {
        lock (_gate)
            _open.Remove(id);
    }

    /// <summary>The frames to send on a new socket, in the order in which they were asked.</summary>
    public IReadOnlyList<byte[]> Repeat()
    {
        lock (_gate)
        {
            foreach (var request in _open.Values)
                request.Repeated = true;
            return [.. _open.Values.Select(request => request.Encoded)];
        }
    }

    public bool TryAnswer(Ack ack)
    {
        if (Take(ack.Id) is not { } request)
            return false;
        request.Answer.TrySetResult(ack);
        return true;
    }

    public bool TryRefuse(ErrorFrame error)
    {
        if (Take(error.Id) is not { } request)
            return false;
        // The first frame did arrive, and only its answer was lost.
        if (request is { Repeated: true, Frame: CancelRun cancel } && error.Code == "run_not_active")
            request.Answer.TrySetResult(new Ack(error.Id, RunId: cancel.RunId));
        else
            request.Answer.TrySetException(ProblemReader.Read(error));
        return true;
    }

    public void FailAll(Exception why)
    {
        Request[] open;
        lock (_gate)
        {
            open = [.. _open.Values];
            _open.Clear();
        }

        foreach (var request in open)
            request.Answer.TrySetException(why);
    }

    private Request? Take(string? id)
    {
        lock (_gate)
            return id is not null && _open.Remove(id, out var request) ? request : null;
    }

    private sealed class Request(ClientFrame frame, byte[] encoded)
    {
        public ClientFrame Frame => frame;

        public byte[] Encoded => encoded;

        public bool Repeated { get; set; }

        // Answers arrive on the receive loop, which must not run its callers' code.
        public TaskCompletionSource<Ack> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
