namespace Orchestrator.Service.Classify;

/// <summary>What a run's end means for the next one.</summary>
internal enum OutcomeClass
{
    /// <summary>The work is done.</summary>
    Success,

    /// <summary>An account's limit refused it; it passes by itself, often at a stated time.</summary>
    RateLimited,

    /// <summary>The network, a server or a kill; the same run may well succeed later.</summary>
    Transient,

    /// <summary>The same run would fail again.</summary>
    Permanent,
}

/// <summary>Whom a permanent failure concerns.</summary>
internal enum FailureScope
{
    /// <summary>This job only: it costs an attempt.</summary>
    Work,

    /// <summary>This host: a program, a certificate, an option or a model that isn't there. Every job like it fails until somebody mends it.</summary>
    Environment,

    /// <summary>The account that pays or signs in. Every job that uses it fails until somebody mends it.</summary>
    Account,
}

/// <summary>The verdict on one run, and what it rests on.</summary>
/// <param name="Class">What it means.</param>
/// <param name="Scope">Whom it concerns; only where <paramref name="Class"/> is permanent.</param>
/// <param name="RetryAfter">The wait that the log states, one second to seven days; null where it states none, or one that is over.</param>
/// <param name="Rule">The stable name of the rule that decided, from <see cref="Rules"/>.</param>
/// <param name="Evidence">The words that it read, keys masked, at most 300 characters; empty where there were none.</param>
internal sealed record Classification(OutcomeClass Class, FailureScope? Scope, TimeSpan? RetryAfter, string Rule, string Evidence)
{
    /// <summary>The first wait, before any doubling, where <see cref="RetryAfter"/> is null: from 15 seconds after a lost connection to an hour after a day's quota.</summary>
    public TimeSpan Backoff { get; init; }
}
