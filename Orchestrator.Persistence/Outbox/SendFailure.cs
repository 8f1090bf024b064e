namespace Orchestrator.Persistence.Outbox;

/// <summary>How a failed send goes on.</summary>
internal abstract record SendFailure
{
    /// <summary>Doubling waits up to a limit, and an end.</summary>
    public static SendFailure Decide(int attempts, DateTimeOffset now, OutboxOptions options)
    {
        if (attempts >= options.MaxAttempts)
            return new GiveUp();

        var delay = options.RetryDelay;
        for (var doublings = 0; doublings < attempts && delay < options.MaxRetryDelay; doublings++)
            delay *= 2;
        return new TryAgain(now + (delay < options.MaxRetryDelay ? delay : options.MaxRetryDelay));
    }

    public sealed record TryAgain(DateTimeOffset At) : SendFailure;

    public sealed record GiveUp : SendFailure;
}
