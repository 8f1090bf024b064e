namespace Orchestrator.AmazonSqs;

/// <summary>What to do about one lease now.</summary>
internal enum ExtensionDecision
{
    /// <summary>Nothing yet.</summary>
    Wait,

    /// <summary>Ask SQS for the given time.</summary>
    Extend,

    /// <summary>The protection has ended without a success, or the 12 hours are over: the work must stop.</summary>
    GiveUp,
}

/// <summary>What the answer to an extension means.</summary>
internal enum ExtensionOutcome
{
    Extended,

    /// <summary>A fault that may pass: try again while the protection still lasts.</summary>
    Retry,

    /// <summary>The message is no longer ours.</summary>
    Lost,

    /// <summary>SQS's 12 hours are reached.</summary>
    Capped,
}

/// <summary>Decides about leases from times and answers alone.</summary>
internal static class ExtensionRule
{
    /// <summary>SQS counts whole seconds; asking for less than this before the cap would be refused.</summary>
    private static readonly TimeSpan CapMargin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FastestRetry = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A lease is extended when its rest would not comfortably outlast the next beat; a message received just now can wait for the
    /// next one. So all messages held from a queue go out together, ten a request, once per interval.
    /// </summary>
    public static ExtensionDecision Decide(
        DateTimeOffset now, DateTimeOffset protectedUntil, DateTimeOffset cappedAt, DateTimeOffset retryAt, int failures, TimeSpan protection, TimeSpan interval)
    {
        if (now >= EndOf(protectedUntil, cappedAt))
            return ExtensionDecision.GiveUp;
        if (protectedUntil >= cappedAt - CapMargin)
            return ExtensionDecision.Wait; // already at the most that SQS gives
        if (failures > 0)
            return now >= retryAt ? ExtensionDecision.Extend : ExtensionDecision.Wait;
        // Two beats would leave a fixed reserve at an interval of a third; a longer interval must not postpone past the end.
        var needed = TimeSpan.FromTicks(Math.Min((interval * 2).Ticks, protection.Ticks - 1));
        return protectedUntil - now <= needed ? ExtensionDecision.Extend : ExtensionDecision.Wait;
    }

    /// <summary>When the lease ends if nothing more is done: with its protection, or shortly before SQS's 12 hours.</summary>
    public static DateTimeOffset EndOf(DateTimeOffset protectedUntil, DateTimeOffset cappedAt)
    {
        var cap = cappedAt - CapMargin;
        return protectedUntil < cap ? protectedUntil : cap;
    }

    /// <summary>Whole seconds to ask for: the full protection, or what the 12 hours still allow.</summary>
    public static int Seconds(DateTimeOffset now, DateTimeOffset cappedAt, TimeSpan protection) =>
        Math.Max(1, (int)Math.Min(Math.Ceiling(protection.TotalSeconds), Math.Floor((cappedAt - now).TotalSeconds - 1)));

    public static ExtensionOutcome Judge(string? code, string? message)
    {
        if (code is null)
            return ExtensionOutcome.Extended;
        if (SqsError.IsBeyondCap(code, message))
            return ExtensionOutcome.Capped;
        return SqsError.IsLeaseLost(code, message) ? ExtensionOutcome.Lost : ExtensionOutcome.Retry;
    }

    /// <summary>How long one request may take: a connection that hangs must leave time for another.</summary>
    public static TimeSpan Patience(TimeSpan left) =>
        TimeSpan.FromMilliseconds(Math.Clamp(left.TotalMilliseconds / 2, 50, 10_000));

    /// <summary>Failed extensions are tried again fast at first, and always at least twice before the protection ends.</summary>
    public static DateTimeOffset RetryAt(DateTimeOffset now, DateTimeOffset protectedUntil, int failures)
    {
        var step = TimeSpan.FromMilliseconds(Math.Min(FastestRetry.TotalMilliseconds * Math.Pow(2, failures - 1), 10_000));
        var third = (protectedUntil - now) / 3;
        return now + (third < step ? TimeSpan.FromTicks(Math.Max(third.Ticks, TimeSpan.FromMilliseconds(20).Ticks)) : step);
    }
}
