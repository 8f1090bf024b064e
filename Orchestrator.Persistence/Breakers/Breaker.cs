namespace Orchestrator.Persistence.Breakers;

/// <summary>What a breaker keeps from being called.</summary>
public enum BreakerScope
{
    /// <summary>One lane.</summary>
    Lane,

    /// <summary>All lanes that work with one account.</summary>
    Credential,
}

/// <summary>Where a breaker stands.</summary>
public enum BreakerState
{
    /// <summary>Work goes on.</summary>
    Closed,

    /// <summary>Nothing is dispatched or claimed until its time is over.</summary>
    Open,

    /// <summary>One job may try; nothing else is claimed.</summary>
    HalfOpen,
}

/// <summary>A breaker as it is stored.</summary>
/// <param name="Scope">Of a lane or of an account.</param>
/// <param name="Name">The lane's or the account's.</param>
/// <param name="State">Where it stands.</param>
/// <param name="InARow">Failures since the last outcome that was none.</param>
/// <param name="Openings">How often it has opened since it was last closed.</param>
/// <param name="OpenedAt">When it opened; null while closed.</param>
/// <param name="Until">From then on one job may try; null while closed.</param>
/// <param name="Reason">What opened it.</param>
/// <param name="ProbeJob">The one job that may try.</param>
public sealed record Breaker(
    BreakerScope Scope, string Name, BreakerState State = BreakerState.Closed, int InARow = 0, int Openings = 0,
    DateTimeOffset? OpenedAt = null, DateTimeOffset? Until = null, string? Reason = null, Guid? ProbeJob = null);
