namespace Orchestrator.AmazonSqs;

/// <summary>How one endpoint receives from its queue.</summary>
internal sealed class ReceiveSettings
{
    public static readonly TimeSpan DefaultProtection = TimeSpan.FromSeconds(120);

    /// <summary>What SQS allows a message to be held from its receive.</summary>
    public static readonly TimeSpan HoldCap = TimeSpan.FromHours(12);

    public const int LongestWait = 20;

    public TimeSpan? ProtectiveVisibility { get; set; } = DefaultProtection;
    public TimeSpan? HeartbeatInterval { get; set; }
    public TimeSpan MaxRedeliveryDelay { get; set; } = TimeSpan.FromSeconds(900);
    public int WaitTimeSeconds { get; set; } = LongestWait;
    public bool PurgeOnStartup { get; set; }
    public bool IsOrdered { get; set; } = true;
    public IPollGate? PollGate { get; set; }
    public int SettledMemory { get; set; } = 10_000;

    /// <summary>A third of the protection leaves room for two failed extensions before it ends.</summary>
    public TimeSpan? Interval => HeartbeatInterval ?? ProtectiveVisibility / 3;
}
