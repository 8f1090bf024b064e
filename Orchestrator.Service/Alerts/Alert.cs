namespace Orchestrator.Service.Alerts;

/// <summary>What somebody should be told of.</summary>
public enum AlertKind
{
    /// <summary>A lane or an account is not used for now.</summary>
    BreakerOpened,

    /// <summary>What a lane needs is missing on a host.</summary>
    PreflightFailed,

    /// <summary>A job waits for a person.</summary>
    JobHeld,

    /// <summary>A run was taken from its owner.</summary>
    RunReaped,

    /// <summary>A task waits for a person, or for what it lacks.</summary>
    TaskHeld,

    /// <summary>A task has failed for good.</summary>
    TaskFailed,

    /// <summary>Messages came into a queue that nobody receives from: no consumer could handle them.</summary>
    DeadLetters,
}

/// <param name="Kind">What happened.</param>
/// <param name="Subject">To what: with the kind the key by which repetitions are left out.</param>
/// <param name="Text">What, where, why and the remedy; no secrets.</param>
public sealed record Alert(AlertKind Kind, string Subject, string Text)
{
    /// <summary>When it was raised.</summary>
    public DateTimeOffset At { get; init; }
}

/// <summary>Where alerts go: a chat, a pager, a webhook. Register as many as you like; the log always hears them.</summary>
public interface IAlertSink
{
    /// <summary>Called one at a time, off the work's way and off that of other sinks. What it throws is logged; it is given <see cref="AlertOptions.Patience"/>.</summary>
    /// <exception cref="AlertNotToldException">It was not told, and the message says why.</exception>
    Task SendAsync(Alert alert, CancellationToken cancellation);
}

/// <summary>An alert was not told: logged by its message alone, so that nothing of an address or a token gets into the log.</summary>
/// <param name="why">A sentence for people; no secrets.</param>
public sealed class AlertNotToldException(string why) : Exception(why);
