namespace Orchestrator.AmazonSqs;

/// <summary>What the poller does next.</summary>
internal enum PollDecision
{
    /// <summary>Ask for as many messages as the decision says.</summary>
    Ask,

    /// <summary>Everything that may be held is held: wait for a slot.</summary>
    WaitForSlot,

    /// <summary>There is work in hand; wait a little for more slots, so that one request fetches more.</summary>
    Linger,
}

/// <summary>Decides how many messages to ask for, so that permits stay busy and requests stay full.</summary>
internal static class PollRule
{
    /// <summary>SQS hands out at most ten messages a request.</summary>
    public const int Most = 10;

    /// <summary>How long a part-filled request waits for more free slots while there is unstarted work in hand.</summary>
    public static readonly TimeSpan LingerTime = TimeSpan.FromMilliseconds(500);

    public static (PollDecision Decision, int Messages) Next(int prefetch, int taken, int unstarted, bool lingered)
    {
        var free = prefetch - taken;
        if (free <= 0)
            return (PollDecision.WaitForSlot, 0);
        if (free >= Most || taken == 0 || unstarted == 0 || lingered)
            return (PollDecision.Ask, Math.Min(free, Most));
        return (PollDecision.Linger, 0);
    }
}
