using System.Text.Json;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Run;

/// <summary>How a run ended, in the handler's words. What follows is decided by <see cref="FinalizeDecision"/>.</summary>
public abstract record JobOutcome
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(3650);

    private JobOutcome()
    {
    }

    /// <summary>The work is done.</summary>
    public static JobOutcome Done(object? result = null) => new Success { Result = ToJson(result) };

    /// <summary>The work is done; <paramref name="commit"/> stores what it found in the transaction that ends the job, only if this run still owns it.</summary>
    public static JobOutcome Done(Func<FinalizeScope, CancellationToken, Task> commit, object? result = null) =>
        new Success { Result = ToJson(result), Commit = commit };

    /// <summary>
    /// The heavy part is done; <paramref name="deliver"/> carries an idempotent effect out of the process (the job is Finalizing meanwhile and
    /// holds no permit), then <paramref name="commit"/> stores it. A crash between the two delivers again.
    /// </summary>
    public static JobOutcome Deliver(Func<CancellationToken, Task> deliver, Func<FinalizeScope, CancellationToken, Task> commit, object? result = null) =>
        new Success { Result = ToJson(result), Effect = deliver, Commit = commit };

    /// <summary>
    /// It failed and may do better later: after <paramref name="after"/> (at most ten years; at once if it is negative), or the lane's backoff.
    /// Costs an attempt.
    /// </summary>
    public static JobOutcome Retry(string reason, TimeSpan? after = null)
    {
        ArgumentNullException.ThrowIfNull(reason);
        if (after > LongestWait)
            throw new ArgumentOutOfRangeException(nameof(after), after, $"A job waits at most {LongestWait.Days} days for its next run; Fail ends it.");
        return new TryAgain(reason, after < TimeSpan.Zero ? TimeSpan.Zero : after);
    }

    /// <summary>It failed and no repetition will help.</summary>
    public static JobOutcome Fail(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new Failure(reason);
    }

    internal sealed record Success : JobOutcome
    {
        public string? Result { get; init; }
        public Func<CancellationToken, Task>? Effect { get; init; }
        public Func<FinalizeScope, CancellationToken, Task>? Commit { get; init; }
    }

    internal sealed record TryAgain(string Reason, TimeSpan? After) : JobOutcome;

    internal sealed record Failure(string Reason) : JobOutcome;

    private static string? ToJson(object? result) => result is null ? null : JsonSerializer.Serialize(result, JobRun.Json);
}
