namespace Orchestrator.Service.Documents.Matching;

/// <summary>How invoices are compared with what was ordered.</summary>
public sealed class MatchingOptions
{
    /// <summary>What a supplier without a policy of its own is held to.</summary>
    public MatchPolicy Policy { get; set; } = MatchPolicy.ThreeWay;

    /// <summary>80 to 100; how alike two names must be (after dropping case, accents and legal form) to be one supplier's.</summary>
    public int NameScore { get; set; } = 92;

    /// <summary>0 to 10; by how many per cent of the order an invoice may go over it.</summary>
    public decimal TolerancePercent { get; set; } = 1;

    /// <summary>0 to 1,000, in the order's currency; what an invoice may go over the order whatever the percentage says.</summary>
    public decimal ToleranceAmount { get; set; }

    /// <summary>More than nothing, up to 1 hour; how long the first retry waits.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>1.1 to 10; each retry waits this many times as long as the one before.</summary>
    public double RetryGrowth { get; set; } = 2;

    /// <summary>At least the first retry, up to 7 days; no retry waits longer.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromHours(12);

    /// <summary>1 to 100; how often a match is tried before a person is asked.</summary>
    public int MaxAttempts { get; set; } = 10;
}

public enum MatchPolicy
{
    /// <summary>The supplier is paid without an order (rent, power).</summary>
    None,
    /// <summary>The invoice is held against the order.</summary>
    TwoWay,
    /// <summary>The invoice is held against the order and against what was received.</summary>
    ThreeWay,
}
