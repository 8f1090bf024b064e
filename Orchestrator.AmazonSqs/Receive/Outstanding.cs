namespace Orchestrator.AmazonSqs;

/// <summary>Counts what is under way, so that a stop can wait for the last of it.</summary>
internal sealed class Outstanding
{
    private readonly Lock _lock = new();
    private int _count;
    private TaskCompletionSource? _idle;

    public void Enter() => Interlocked.Increment(ref _count);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) > 0)
            return;
        lock (_lock)
            _idle?.TrySetResult();
    }

    /// <summary>Completes when nothing is under way. Nothing new may begin after the call but what is begun by something under way.</summary>
    public Task WhenIdle()
    {
        lock (_lock)
        {
            if (Volatile.Read(ref _count) == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return Volatile.Read(ref _count) == 0 ? Task.CompletedTask : _idle.Task;
        }
    }
}
