namespace Orchestrator.Service.Documents.Processes;

/// <summary>What a tool that reads untrusted input may use. The kernel enforces the first four, the runner the others.</summary>
public sealed class ToolLimits
{
    /// <summary>Address space of one process, 64 MiB or more; what it asks beyond that it does not get. Real invoices need less than 32 MiB.</summary>
    public long MemoryBytes { get; init; } = 512L << 20;

    /// <summary>Processor time of one process in whole seconds, at least 1 s.</summary>
    public TimeSpan Cpu { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The largest file that it may write, at least 1 MiB.</summary>
    public long FileBytes { get; init; } = 256L << 20;

    /// <summary>
    /// Processes that the service's user may have, or null for no limit. Null is the default because the kernel counts every thread of the
    /// user, the service's own included, and does not apply it to root at all: it fits only where the service has a user of its own.
    /// </summary>
    public int? Processes { get; init; }

    /// <summary>Time on the wall from start to end, at least 1 s; then the whole group is killed.</summary>
    public TimeSpan Wall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most that it may print on standard output, at least 1 KiB.</summary>
    public int OutputBytes { get; init; } = 32 << 20;

    /// <summary>How much of standard error is kept, at least 1 KiB; the rest is read and dropped.</summary>
    public int ErrorBytes { get; init; } = 64 << 10;
}
