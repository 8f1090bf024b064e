using Orchestrator.Service.Run;

namespace Orchestrator.Service.Remote;

/// <summary>Why forge or tracker did not do what was asked.</summary>
internal enum RemoteFault
{
    /// <summary>The token is not valid (401).</summary>
    Unauthorized,

    /// <summary>The token is valid and may not do this (403).</summary>
    Forbidden,

    /// <summary>It is not there, or hidden from this token (404).</summary>
    NotFound,

    /// <summary>The present state does not allow it (409).</summary>
    Conflict,

    /// <summary>The request makes no sense to the server, or what it concerns is archived (other 4xx).</summary>
    Refused,

    /// <summary>Too many requests (429); again after <see cref="RemoteException.RetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The server failed (5xx), could not be reached, or the connection broke. A change may have been made nevertheless.</summary>
    Unavailable,

    /// <summary>No whole answer in time. A change may have been made nevertheless.</summary>
    TimedOut,

    /// <summary>An answer that is too long, or not what the API promises.</summary>
    Unreadable,
}

/// <summary>A call to forge or tracker did not succeed. What its callers do next follows from the fault, see <see cref="Outcome"/>.</summary>
/// <param name="fault">Whose fault, and at which step.</param>
/// <param name="message">What was asked and what was answered; no token.</param>
/// <param name="retryAfter">When to come again, where that was said.</param>
/// <param name="inner">The cause, where there is one.</param>
internal sealed class RemoteException(RemoteFault fault, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public RemoteFault Fault { get; } = fault;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>May the server have carried it out although this was thrown?</summary>
    public bool IsUncertain => Fault is RemoteFault.Unavailable or RemoteFault.TimedOut or RemoteFault.Unreadable;

    /// <summary>How the run of a job ends whose call this was: nobody's work failed, unless the request itself was wrong.</summary>
    public JobOutcome Outcome => Fault switch
    {
        RemoteFault.Unauthorized => JobOutcome.AccountFault(Message),
        RemoteFault.Forbidden => JobOutcome.EnvironmentFault(Message),
        RemoteFault.RateLimited => JobOutcome.RateLimited(Message, RetryAfter),
        RemoteFault.Unavailable or RemoteFault.TimedOut => JobOutcome.Transient(Message, RetryAfter),
        _ => JobOutcome.Retry(Message),
    };
}
