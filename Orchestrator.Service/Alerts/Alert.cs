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
}

/// <param name="Kind">What happened.</param>
/// <param name="Subject">To what: with the kind the key by which repetitions are left out.</param>
/// <param name="Text">What, where, why and the remedy; no secrets.</param>
public sealed record Alert(AlertKind Kind, string Subject, string Text);

/// <summary>Where alerts go: a chat, a pager, a webhook. Register as many as you like; the log always hears them.</summary>
public interface IAlertSink
{
    /// <summary>Called one at a time, off the work's way. What it throws is logged; it is given 30 seconds.</summary>
    Task SendAsync(Alert alert, CancellationToken cancellation);
}
