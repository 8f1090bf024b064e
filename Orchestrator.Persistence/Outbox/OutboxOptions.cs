namespace Orchestrator.Persistence.Outbox;

/// <summary>When a sent row may be deleted.</summary>
public enum OutboxAcknowledgement
{
    /// <summary>As soon as the bus has taken the message: for a bus that keeps it, such as SQS.</summary>
    OnSend,

    /// <summary>When every endpoint of this process that gets the message has consumed it: for the in-memory bus, which loses what it holds.</summary>
    OnConsume,
}

/// <summary>Settings of the outbox.</summary>
public sealed class OutboxOptions
{
    /// <summary>When a sent row may be deleted; by default when the bus has taken it.</summary>
    public OutboxAcknowledgement Acknowledge { get; set; } = OutboxAcknowledgement.OnSend;

    /// <summary>How often delayed rows, rows of dead processes and forgotten rows are looked for; 0.1 s to 1 min.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How old a row of this process must be, and unknown to it, to count as forgotten; longer than any transaction, 1 s to 1 h.</summary>
    public TimeSpan ForgottenAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many rows are on their way at once to a bus that keeps messages; 1 to 1,000. One at a time and in order to the in-memory bus.</summary>
    public int ConcurrentSends { get; set; } = 100;

    /// <summary>How long one send may take before it counts as failed; 1 s to 10 min.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a row is taken up again, after failed sends and after crashes, before it is put aside as dead; 1 to 1,000.</summary>
    public int MaxAttempts { get; set; } = 20;

    /// <summary>The wait after the first failed send; it doubles with each further one; 0.1 s to 1 h.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait after a failed send; 1 s to 1 day.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long delivered rows are gathered before they are deleted together; 0 to 1 s.</summary>
    public TimeSpan RemoveWindow { get; set; } = TimeSpan.FromMilliseconds(20);
}
