using Orchestrator.Persistence.Breakers;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Resilience;

/// <summary>What a run said about the things that it needs.</summary>
/// <param name="Failure">Null if they served it: it ended well, or failed by its own fault.</param>
/// <param name="Reason">For people.</param>
/// <param name="After">When to come again, where that was stated.</param>
internal sealed record Observed(FailureClass? Failure, string? Reason = null, TimeSpan? After = null)
{
    public static readonly Observed Served = new(Failure: null);
}

/// <summary>Pure: what an outcome makes of a breaker.</summary>
internal static class BreakerDecision
{
    /// <summary>Is it this breaker's business? A limit or a refusal belongs to the account; where a lane names none, to the lane.</summary>
    public static bool Concerns(BreakerScope scope, Observed observed, bool hasCredential) => observed.Failure switch
    {
        null => true,
        FailureClass.RateLimited or FailureClass.Account => scope == BreakerScope.Credential || !hasCredential,
        FailureClass.Transient or FailureClass.Environment => scope == BreakerScope.Lane,
        _ => false,
    };

    /// <param name="breaker">As it is, locked.</param>
    /// <param name="job">Whose run it was.</param>
    /// <param name="observed">What the run said.</param>
    /// <param name="options">The lane's.</param>
    /// <param name="now">The time.</param>
    /// <returns>As it shall be; the same if nothing changes.</returns>
    public static Breaker After(Breaker breaker, Guid job, Observed observed, BreakerOptions options, DateTimeOffset now) => (breaker.State, observed.Failure) switch
    {
        // A run that began before the breaker opened says nothing about how things are now.
        (BreakerState.HalfOpen, null) => breaker.ProbeJob == job ? new Breaker(breaker.Scope, breaker.Name) : breaker,
        (BreakerState.Open, null) => breaker,
        (BreakerState.Closed, null) => breaker with { InARow = 0 },

        (BreakerState.Closed, FailureClass.Transient) => breaker.InARow + 1 < options.OpensAfter ? breaker with { InARow = breaker.InARow + 1 } : Open(breaker, observed, options, now),
        (BreakerState.HalfOpen, FailureClass.Transient) => breaker.ProbeJob == job ? Open(breaker, observed, options, now) : breaker,
        (BreakerState.Open, FailureClass.Transient) => breaker,

        // The other side told it: no need to ask twice. A later time that it names counts, an earlier one doesn't.
        (BreakerState.Open, _) => observed.After is { } after && now + after > breaker.Until ? breaker with { Until = now + after, Reason = observed.Reason } : breaker,
        _ => Open(breaker, observed, options, now),
    };

    private static Breaker Open(Breaker breaker, Observed observed, BreakerOptions options, DateTimeOffset now) => breaker with
    {
        State = BreakerState.Open,
        InARow = breaker.InARow + 1,
        Openings = breaker.Openings + 1,
        OpenedAt = now,
        Until = now + (observed.After is { } stated && stated > TimeSpan.Zero ? stated : Pause(breaker.Openings, options)),
        Reason = observed.Reason ?? observed.Failure.ToString(),
        ProbeJob = null,
    };

    internal static TimeSpan Pause(int openings, BreakerOptions options) =>
        TimeSpan.FromSeconds(Math.Min(options.Pause.TotalSeconds * Math.Pow(2, Math.Min(openings, 30)), options.MaxPause.TotalSeconds));
}
