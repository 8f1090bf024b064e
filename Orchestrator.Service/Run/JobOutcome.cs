using System.Text.Json;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;

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
        return new TryAgain(reason, Bounded(after));
    }

    /// <summary>It failed and no repetition will help.</summary>
    public static JobOutcome Fail(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new Failure(reason);
    }

    /// <summary>
    /// What it needs failed for now: network, overload, a service that is away. Runs again after <paramref name="after"/>, or the lane's transient
    /// backoff. Costs no attempt but one of the transient budget (<c>MaxTransient</c>); several in a row open the lane's breaker.
    /// </summary>
    public static JobOutcome Transient(string reason, TimeSpan? after = null) => new NotNow(FailureClass.Transient, reason, Bounded(after));

    /// <summary>
    /// The account has used what it may use until <paramref name="after"/>, if that was said. As <see cref="Transient"/>, and the account's
    /// breaker opens at once: no other job of the account begins before.
    /// </summary>
    public static JobOutcome RateLimited(string reason, TimeSpan? after = null) => new NotNow(FailureClass.RateLimited, reason, Bounded(after));

    /// <summary>Something is missing or wrong on the machine. The job is held until a person releases it, or the lane's preflight finds all in order again.</summary>
    public static JobOutcome EnvironmentFault(string reason) => new Hold(FailureClass.Environment, HoldReason.Environment, reason);

    /// <summary>The account is refused: sign-in or billing. The job is held, and the account's breaker opens at once.</summary>
    public static JobOutcome AccountFault(string reason) => new Hold(FailureClass.Account, HoldReason.Account, reason);

    /// <summary>
    /// The same, and it says nothing about the lane: what failed or is missing is needed by this job, and not by the lane's others. No breaker hears of it. Only what waits or is held has
    /// anything to say there; everything else stays as it is.
    /// </summary>
    public JobOutcome Alone() => this switch
    {
        NotNow later => later with { IsAlone = true },
        Hold hold => hold with { IsAlone = true },
        _ => this,
    };

    internal sealed record Success : JobOutcome
    {
        public string? Result { get; init; }
        public Func<CancellationToken, Task>? Effect { get; init; }
        public Func<FinalizeScope, CancellationToken, Task>? Commit { get; init; }
    }

    internal sealed record TryAgain(string Reason, TimeSpan? After) : JobOutcome;

    internal sealed record Failure(string Reason) : JobOutcome;

    internal sealed record NotNow(FailureClass Class, string Reason, TimeSpan? After, bool IsAlone = false) : JobOutcome;

    internal sealed record Hold(FailureClass Class, HoldReason For, string Reason, bool IsAlone = false) : JobOutcome;

    private static TimeSpan? Bounded(TimeSpan? after) =>
        after > LongestWait ? throw new ArgumentOutOfRangeException(nameof(after), after, $"A job waits at most {LongestWait.Days} days for its next run; Fail ends it.")
        : after < TimeSpan.Zero ? TimeSpan.Zero
        : after;

    private static string? ToJson(object? result) => result is null ? null : JsonSerializer.Serialize(result, JobRun.Json);
}
