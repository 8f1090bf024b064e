namespace Orchestrator.Persistence.Outbox;

/// <summary>How a failed send goes on.</summary>
internal abstract record SendFailure
{
    /// <summary>Doubling waits up to a limit, and an end.</summary>
    public static SendFailure Decide(int attempts, DateTimeOffset now, OutboxOptions options)
    {
        if (attempts >= options.MaxAttempts)
            return new GiveUp();

        var doublings = Math.Min(attempts, 30);
        var delay = options.RetryDelay * (1 << doublings);
        return new TryAgain(now + (delay < options.MaxRetryDelay ? delay : options.MaxRetryDelay));
    }

    public sealed record TryAgain(DateTimeOffset At) : SendFailure;

    public sealed record GiveUp : SendFailure;
}
